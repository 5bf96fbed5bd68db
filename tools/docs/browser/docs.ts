/** What pages gain by JavaScript: a search, and buttons that copy. All is built from nodes, never from
 * HTML. Reading needs none of it. */
import type { Entry } from '../search.ts'
import { find } from './find.ts'

const MOST = 30

const search = (): void => {
  const box = document.querySelector<HTMLElement>('.search')
  const input = box?.querySelector('input')
  const list = box?.querySelector<HTMLElement>('#results')
  const status = box?.querySelector('[role=status]')
  if (!box || !input || !list || !status) return
  box.hidden = false
  let index: Promise<readonly Entry[]> | null = null
  const load = async (): Promise<readonly Entry[]> => {
    const answer = await fetch(box.dataset.index ?? '')
    if (!answer.ok) throw new Error(`the index was answered ${answer.status}`)
    return answer.json()
  }
  const show = async (): Promise<void> => {
    const words = input.value
    index ??= load()
    try {
      const found = find(await index, words)
      // Typed on meanwhile: the later search shows its own.
      if (words !== input.value) return
      list.replaceChildren(...found.slice(0, MOST).map(item))
      list.hidden = found.length === 0
      status.textContent = words.trim() === '' ? '' : countOf(found.length)
    } catch {
      index = null
      status.textContent = 'The search is out of reach.'
    }
  }
  input.addEventListener('input', show)
  input.addEventListener('focus', () => {
    if (input.value !== '') void show()
  })
  box.addEventListener('keydown', (event) => move(event, input, list))
  box.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !box.contains(relatedTarget)) list.hidden = true
  })
  document.addEventListener('keydown', (event) => {
    const { target, key } = event
    if (key !== '/' || event.ctrlKey || event.metaKey || event.altKey) return
    if (target instanceof HTMLInputElement || target instanceof HTMLTextAreaElement) return
    event.preventDefault()
    input.focus()
  })
}

/** Arrows go through the results, Enter opens the first, Escape leaves. */
const move = (event: KeyboardEvent, input: HTMLInputElement, list: HTMLElement): void => {
  const links = [...list.querySelectorAll('a')]
  const active = document.activeElement
  const at = active instanceof HTMLAnchorElement ? links.indexOf(active) : -1
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
  if (event.key === 'Escape') {
    list.hidden = true
    input.value = ''
    input.dispatchEvent(new Event('input'))
    input.focus()
  } else if (event.key === 'Enter' && at < 0) links[0]?.click()
  else if (step !== undefined && links.length > 0) {
    event.preventDefault()
    const next = links[at + step]
    if (next !== undefined) next.focus()
    else input.focus()
  }
}

const item = ({ kind, title, text, href }: Entry): HTMLElement => {
  const link = document.createElement('a')
  link.href = href
  const name = document.createElement('strong')
  name.textContent = title
  const about = document.createElement('span')
  about.textContent = `${kind}: ${text}`
  link.append(name, about)
  const one = document.createElement('li')
  one.append(link)
  return one
}

const countOf = (found: number): string => {
  if (found === 0) return 'Nothing found.'
  const shown = found > MOST ? `, ${MOST} are shown` : ''
  return `${found} ${found === 1 ? 'result' : 'results'}${shown}`
}

const copying = (): void => {
  const status = document.createElement('p')
  status.className = 'visually-hidden'
  status.setAttribute('role', 'status')
  document.querySelector('main')?.append(status)
  for (const figure of document.querySelectorAll('figure.code')) {
    const code = figure.querySelector('code')
    const caption = figure.querySelector('figcaption')
    if (!code || !caption) continue
    const button = document.createElement('button')
    button.type = 'button'
    button.textContent = 'Copy'
    button.setAttribute('aria-label', `Copy: ${caption.textContent}`)
    button.addEventListener('click', async () => {
      const done = await navigator.clipboard.writeText(code.textContent ?? '').then(
        () => true,
        () => false,
      )
      button.textContent = done ? 'Copied' : 'Not copied'
      status.textContent = done ? 'Copied' : 'The browser did not let it be copied'
      setTimeout(() => {
        button.textContent = 'Copy'
        status.textContent = ''
      }, 2000)
    })
    figure.append(button)
  }
}

search()
copying()
