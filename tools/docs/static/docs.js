/** What the documentation gains by a script: a search, and buttons that copy. All of it can be read without. */

const search = document.querySelector('search[data-index]')
if (search !== null) enableSearch(search)
for (const code of document.querySelectorAll('.code')) enableCopy(code)
for (const versions of document.querySelectorAll('details.versions')) closeOutside(versions)

function enableSearch(box) {
  const input = box.querySelector('input')
  const status = box.querySelector('[role=status]')
  const list = box.querySelector('.found')
  let index = null

  const show = async () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean)
    if (words.length === 0) return hide()
    index ??= fetch(box.dataset.index).then((answer) => answer.json())
    const found = ranked(await index, words).slice(0, 20)
    list.replaceChildren(...found.map(item))
    list.hidden = found.length === 0
    status.textContent = found.length === 1 ? '1 result' : `${found.length} results`
  }
  const hide = () => {
    list.hidden = true
    list.replaceChildren()
    status.textContent = ''
  }
  const step = (by) => {
    const places = [input, ...list.querySelectorAll('a')]
    const at = places.indexOf(document.activeElement)
    places[(at + by + places.length) % places.length]?.focus()
  }

  input.addEventListener('input', show)
  box.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') step(1)
    else if (event.key === 'ArrowUp') step(-1)
    else if (event.key === 'Enter' && event.target === input) list.querySelector('a')?.click()
    else if (event.key === 'Escape') {
      input.focus()
      hide()
    } else return
    event.preventDefault()
  })
  box.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget !== null && !box.contains(relatedTarget)) hide()
  })
  document.addEventListener('keydown', (event) => {
    const isTyping = /^(INPUT|TEXTAREA|SELECT)$/.test(event.target.tagName)
    if (event.key !== '/' || isTyping || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    input.focus()
  })
  box.hidden = false
}

/** Those that have all the words; names that begin so first, then names, then texts. */
function ranked(index, words) {
  const scored = index.map((entry) => {
    const title = entry.title.toLowerCase()
    const text = `${title} ${entry.kind} ${entry.text}`.toLowerCase()
    const all = words.join(' ')
    if (!words.every((word) => text.includes(word))) return { entry, score: 0 }
    const score = title === all ? 4 : title.startsWith(all) ? 3 : title.includes(words[0]) ? 2 : 1
    return { entry, score }
  })
  return scored
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .map(({ entry }) => entry)
}

function item({ title, kind, text, href }) {
  const link = document.createElement('a')
  link.href = href
  const note = document.createElement('small')
  note.textContent = text === '' ? kind : `${kind}: ${text}`
  link.append(title, note)
  const place = document.createElement('li')
  place.append(link)
  return place
}

function enableCopy(code) {
  if (navigator.clipboard === undefined) return
  const button = document.createElement('button')
  button.type = 'button'
  const label = code.querySelector('figcaption')?.textContent ?? 'code'
  button.textContent = 'Copy'
  button.setAttribute('aria-label', `Copy: ${label}`)
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(code.querySelector('code')?.textContent ?? '')
    button.textContent = 'Copied'
    setTimeout(() => {
      button.textContent = 'Copy'
    }, 2000)
  })
  code.append(button)
}

/** A menu that folds up again when one goes elsewhere. */
function closeOutside(details) {
  document.addEventListener('click', ({ target }) => {
    if (!details.contains(target)) details.open = false
  })
  details.addEventListener('keydown', ({ key }) => {
    if (key !== 'Escape') return
    details.open = false
    details.querySelector('summary')?.focus()
  })
}
