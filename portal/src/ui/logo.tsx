export const Logo = () => (
  <p className="logo">
    <img src={`${import.meta.env.BASE_URL}icon.svg`} alt="" width="28" height="28" />
    Keyharbor
  </p>
)
