/** Routes that tell of the service itself, to anybody. */
import { VERSION_NAMES } from '../../domain/versions.ts'
import { Document, Health, Readiness, Versions } from './answers.ts'
import type { Row } from './route.ts'

export const SELF: readonly Row[] = [
  {
    method: 'get',
    path: '/healthz',
    operationId: 'health',
    summary: 'The service answers',
    description: 'Nothing is read for it.',
    security: [],
    replies: {
      200: {
        description: 'It does.',
        content: [{ type: 'application/json', schema: Health, example: { status: 'ok' } }],
      },
    },
  },
  {
    method: 'get',
    path: '/readyz',
    operationId: 'ready',
    summary: 'The service can check keys',
    description: 'The table is read and KMS asked for it, once in ten seconds at the most.',
    security: [],
    replies: {
      200: {
        description: 'It can.',
        content: [
          {
            type: 'application/json',
            schema: Readiness,
            example: { status: 'ok', table: 'ok', kms: 'ok' },
          },
        ],
      },
      503: {
        description: 'It can’t, or not all of it: the members say what is missing.',
        headers: ['Retry-After'],
        content: [
          {
            type: 'application/json',
            schema: Readiness,
            example: { status: 'unavailable', table: 'ok', kms: 'unavailable' },
          },
        ],
      },
    },
  },
  {
    method: 'get',
    path: '/api/versions',
    operationId: 'versions',
    summary: 'Versions of the API on the WebSocket',
    description:
      'That API is JSON-RPC 2.0: `/openrpc.json` describes it. Patch versions of a release are equal.',
    security: [],
    replies: {
      200: {
        description: 'Oldest first.',
        content: [{ type: 'application/json', schema: Versions, example: VERSION_NAMES }],
      },
    },
  },
  {
    method: 'get',
    path: '/openapi.json',
    operationId: 'openapi',
    summary: 'This document',
    description: 'Made from the schemas that requests are checked by.',
    security: [],
    replies: {
      200: {
        description: 'OpenAPI 3.1.',
        content: [
          {
            type: 'application/json',
            schema: Document,
            example: { openapi: '3.1.1', info: { title: 'Keyharbor', version: '0.1.0' } },
          },
        ],
      },
    },
  },
]
