/** Hands a text to the browser as a file to save. */
export const saveAs = (name: string, text: string): void => {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/plain' }))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  // The browser has it by then; until this is called the text stays in memory.
  setTimeout(() => URL.revokeObjectURL(url), 1000)
}
