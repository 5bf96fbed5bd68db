type Props = { readonly filtered: boolean; readonly mine: boolean }

export const NoKeys = ({ filtered, mine }: Props) => (
  <div className="empty" role="status">
    {filtered ? (
      <p>No key fits the search.</p>
    ) : (
      <>
        <p>{mine ? 'This user has no API keys.' : 'There are no API keys yet.'}</p>
        <p className="muted">
          A key lets a program act with the rights of its user. It is shown once, when it is made.
        </p>
      </>
    )}
  </div>
)
