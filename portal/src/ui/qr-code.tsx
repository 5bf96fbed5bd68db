/** A text as a QR code: dark on white in every colour scheme, for that is what cameras read. */
import { encode } from 'uqr'

type Props = { readonly text: string; readonly label: string }

export const QrCode = ({ text, label }: Props) => {
  const { data, size } = encode(text, { border: 4 })
  const path = data
    .flatMap((row, y) => row.map((isDark, x) => (isDark ? `M${x} ${y}h1v1h-1z` : '')))
    .join('')
  return (
    <svg className="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <rect width={size} height={size} fill="#fff" />
      <path d={path} fill="#000" shapeRendering="crispEdges" />
    </svg>
  )
}
