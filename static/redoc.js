// Starts ReDoc, in the colours of the page.
const isDark = matchMedia('(prefers-color-scheme: dark)').matches
const colours = isDark
  ? {
      text: '#e8ecea',
      muted: '#a3aeaa',
      back: '#14191b',
      side: '#1b2225',
      line: '#323c40',
      accent: '#4fc3a1',
      good: '#5fc86a',
      bad: '#ff8a7f',
    }
  : {
      text: '#1d2726',
      muted: '#5b6866',
      back: '#ffffff',
      side: '#f5f7f6',
      line: '#dbe2e0',
      accent: '#0e7c66',
      good: '#1d8127',
      bad: '#d41f1c',
    }

Redoc.init(
  '/docs/json',
  {
    scrollYOffset: 56,
    hideDownloadButton: false,
    nativeScrollbars: true,
    theme: {
      colors: {
        primary: { main: colours.accent },
        success: { main: colours.good },
        error: { main: colours.bad },
        text: { primary: colours.text, secondary: colours.muted },
        border: { dark: colours.line, light: colours.line },
        gray: { 50: colours.side, 100: colours.line },
      },
      schema: {
        nestedBackground: colours.side,
        linesColor: colours.line,
        typeNameColor: colours.muted,
        requireLabelColor: colours.bad,
      },
      sidebar: { backgroundColor: colours.side, textColor: colours.text },
      typography: {
        fontFamily: 'system-ui, sans-serif',
        headings: { fontFamily: 'system-ui, sans-serif' },
        code: { color: colours.text, backgroundColor: colours.side },
        links: { color: colours.accent },
      },
    },
  },
  document.getElementById('redoc'),
)
