/**
 * Where patterns (`~`) differ from those of a genuine server, which runs Python's `re`: RE2 does the work here. A test
 * holds each row against the service, and against Python where there is one.
 */

/** A pattern that both take, and a text that only one of them finds it in. */
type Otherwise = {
  readonly pattern: string
  readonly about: string
  readonly text: string
  readonly matches: 'here' | 'Python'
}

export const OTHERWISE: readonly Otherwise[] = [
  { pattern: '\\w', about: 'letters, digits and _ of ASCII', text: 'é', matches: 'Python' },
  { pattern: '\\W', about: 'all but these', text: 'é', matches: 'here' },
  { pattern: '\\d', about: 'digits of ASCII', text: '٣', matches: 'Python' },
  { pattern: '\\D', about: 'all but these', text: '٣', matches: 'here' },
  {
    pattern: '\\s',
    about: 'space, \\t, \\n, \\f and \\r; not \\v, nor spaces beyond ASCII',
    text: '\u00a0',
    matches: 'Python',
  },
  { pattern: '\\S', about: 'all but these', text: '\u000b', matches: 'here' },
  { pattern: 'a\\b', about: 'the border of letters of ASCII', text: 'aé', matches: 'here' },
  { pattern: 'a\\B', about: 'no border of letters of ASCII', text: 'aé', matches: 'Python' },
  {
    pattern: 'a$',
    about: 'the very end; Python also takes the place before a last line feed',
    text: 'a\n',
    matches: 'Python',
  },
  {
    pattern: '(?i)i',
    about: 'i and I; Python takes the Turkish letters İ and ı for them too',
    text: 'İ',
    matches: 'Python',
  },
  {
    pattern: '[[:alpha:]]',
    about: 'a letter of ASCII; to Python a list of characters with ] behind',
    text: 'a',
    matches: 'here',
  },
]

/** What Python takes, and this service refuses. */
export type Refused = {
  readonly patterns: readonly string[]
  readonly about: string
  /** What to write, if anything says the same. */
  readonly instead?: string
}

export const REFUSED: readonly Refused[] = [
  { patterns: ['(?=a)', '(?!a)', '(?<=a)', '(?<!a)'], about: 'look-ahead and look-behind' },
  {
    patterns: ['(a)\\1', '(a)(b)(c)(d)(e)(f)(g)(h)(i)(j)\\10', '(?P<n>a)(?P=n)', '(a)(?(1)b|c)'],
    about: 'back-references and conditions',
  },
  { patterns: ['a*+', 'a++', 'a?+', '(?>a)'], about: 'possessive repetitions and atomic groups' },
  { patterns: ['a{1001}', 'a{,1001}'], about: 'more than 1000 repetitions' },
  { patterns: ['(?x)a b', '(?#why)a'], about: 'comments and free spacing', instead: 'ab' },
  { patterns: ['(?a)a', '(?u)a', '(?a:a)'], about: 'the flags a, u and L' },
  {
    patterns: ['\\u00e9', '\\U000000e9', '\\N{DIGIT ONE}'],
    about: 'characters by number or name',
    instead: '\\x{e9}',
  },
  { patterns: ['\\é', '[\\b]'], about: 'escapes that need none', instead: 'é' },
  { patterns: ['(?P<é>a)'], about: 'group names beyond ASCII', instead: '(?P<e>a)' },
]

/** What this service takes, and Python refuses: not to be sent to a genuine server. */
export const MORE: readonly { readonly patterns: readonly string[]; readonly about: string }[] = [
  { patterns: ['\\pL', '\\p{Greek}', '[\\pN]'], about: 'classes of Unicode' },
  { patterns: ['\\x{1f600}', '\\777'], about: 'characters by number' },
  { patterns: ['\\Qa.b\\E'], about: 'quoted text' },
  { patterns: ['a\\z'], about: 'the very end, which is \\Z in Python' },
  { patterns: ['(?<n>a)'], about: 'named groups as others write them' },
  {
    patterns: ['(?U)a+', 'a(?i)b', '(?-i)a'],
    about: 'the flag U, and flags that change on the way',
  },
  { patterns: ['^*a', '\\b+a'], about: 'repetitions of what has no length' },
  { patterns: ['[\\w-a]'], about: 'a class and a hyphen between brackets' },
]
