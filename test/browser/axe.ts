/** The page as axe sees it: rules of WCAG 2.2 AA and good practice. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { AxeResults, RunOptions } from 'axe-core'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

const SOURCE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')

const OPTIONS: RunOptions = {
  runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
  resultTypes: ['violations'],
}

/** Fails with a line for each element that breaks a rule. */
export const expectAccessible = async (page: Page, what: string): Promise<void> => {
  // As text: what runs in the page knows nothing of this file.
  if (!(await page.evaluate('"axe" in window'))) await page.evaluate(SOURCE)
  const { violations } = await page.evaluate<AxeResults>(`axe.run(${JSON.stringify(OPTIONS)})`)
  const lines = violations.flatMap(({ id, help, nodes }) =>
    nodes.map(({ target, html, failureSummary }) =>
      [`${id}: ${help}`, target.join(' '), html.slice(0, 200), failureSummary ?? ''].join('\n  '),
    ),
  )
  expect(lines, what).toEqual([])
}
