/** For the moments in which there is nothing to show yet. */
export const Waiting = ({ what }: { readonly what: string }) => (
  <main className="waiting">
    <p role="status">{what}…</p>
  </main>
)
