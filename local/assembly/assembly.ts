/** A synthesised CDK assembly as it is deployed: the resources of all its stacks, and the bundles. */
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { messageOf, UserError } from '../user-error.ts'

export type Resource = {
  readonly stack: string
  /** Logical id. */
  readonly id: string
  readonly type: string
  readonly properties: Readonly<Record<string, unknown>>
}

export type Output = {
  readonly Value?: unknown
  readonly Export?: { readonly Name?: unknown } | undefined
}

export type Assembly = {
  readonly folder: string
  readonly resources: readonly Resource[]
  /** Outputs by stack and name. */
  readonly outputs: Readonly<Record<string, Readonly<Record<string, Output>>>>
  /** Defaults of the parameters, by stack and name. */
  readonly parameters: Readonly<Record<string, Readonly<Record<string, unknown>>>>
  /** Folder of an asset, by the S3 key under which CDK uploads it; undefined if there is none. */
  readonly asset: (key: string) => string | undefined
}

/** @throws UserError when the folder holds no assembly. */
export const readAssembly = async (folder: string): Promise<Assembly> => {
  const read = async <T>(schema: z.ZodType<T>, name: string): Promise<T> => {
    try {
      return schema.parse(JSON.parse(await readFile(join(folder, name), 'utf8')))
    } catch (error) {
      const why = error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)
      throw new UserError(`${join(folder, name)} is no part of a CDK assembly (${why})`)
    }
  }
  const artifacts = Object.entries((await read(Manifest, 'manifest.json')).artifacts)
  const stacks = artifacts.flatMap(([id, { type, properties }]) =>
    type === 'aws:cloudformation:stack' && properties.templateFile !== undefined
      ? [{ stack: properties.stackName ?? id, file: properties.templateFile }]
      : [],
  )
  const manifests = artifacts.flatMap(([, { type, properties }]) =>
    type === 'cdk:asset-manifest' && properties.file !== undefined ? [properties.file] : [],
  )
  const templates = await Promise.all(
    stacks.map(async ({ stack, file }) => ({ stack, ...(await read(Template, file)) })),
  )
  const assets = (await Promise.all(manifests.map((file) => read(Assets, file)))).flatMap(
    ({ files }) => Object.values(files),
  )
  const keys = new Map(
    assets.flatMap(({ source, destinations }) =>
      Object.values(destinations).map(({ objectKey }) => [objectKey, source.path] as const),
    ),
  )
  return {
    folder,
    resources: templates.flatMap(({ stack, Resources }) =>
      Object.entries(Resources).map(([id, { Type, Properties }]) => ({
        stack,
        id,
        type: Type,
        properties: Properties,
      })),
    ),
    outputs: Object.fromEntries(templates.map(({ stack, Outputs }) => [stack, Outputs])),
    parameters: Object.fromEntries(
      templates.map(({ stack, Parameters }) => [
        stack,
        Object.fromEntries(Object.entries(Parameters).map(([id, { Default }]) => [id, Default])),
      ]),
    ),
    asset: (key) => {
      const path = keys.get(key)
      return path === undefined ? undefined : join(folder, path)
    },
  }
}

/** CDK ends logical ids with eight digits of a hash: the name that people know is what comes before. */
export const nameOf = ({ id }: Pick<Resource, 'id'>): string => id.replace(/[0-9A-F]{8}$/, '')

// ---------------------------------------------------------------------------------------------

const Manifest = z.object({
  artifacts: z.record(
    z.string(),
    z.object({
      type: z.string(),
      properties: z
        .object({
          templateFile: z.string().optional(),
          stackName: z.string().optional(),
          file: z.string().optional(),
        })
        .default({}),
    }),
  ),
})

const Template = z.object({
  Resources: z
    .record(
      z.string(),
      z.object({ Type: z.string(), Properties: z.record(z.string(), z.unknown()).default({}) }),
    )
    .default({}),
  Outputs: z
    .record(
      z.string(),
      z.object({
        Value: z.unknown(),
        Export: z.object({ Name: z.unknown() }).optional(),
      }),
    )
    .default({}),
  Parameters: z.record(z.string(), z.object({ Default: z.unknown() })).default({}),
})

const Assets = z.object({
  files: z
    .record(
      z.string(),
      z.object({
        source: z.object({ path: z.string() }),
        destinations: z.record(z.string(), z.object({ objectKey: z.string() })),
      }),
    )
    .default({}),
})
