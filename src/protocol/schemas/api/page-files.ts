/** The files of the API page, with their media types. */
export const API_PAGE_FILES = {
  'swagger-ui-bundle.js': 'text/javascript',
  'swagger-ui.css': 'text/css',
  'favicon-32x32.png': 'image/png',
  'page.js': 'text/javascript',
} as const
