/** Pages that every site has. */

export const ROBOTS = 'User-agent: *\nDisallow: /\n'

export const NOT_FOUND = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Not found – Keyharbor</title>
  </head>
  <body>
    <h1>There is no such page</h1>
    <p>There are the <a href="/ui/">portal</a> and the <a href="/api/docs/">API documentation</a>.</p>
  </body>
</html>
`
