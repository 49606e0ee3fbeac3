// What the bytes that belong to a file are called in the store.

/** Its bytes, its thumbnail, and a picture as it came. Other names are not of files. */
export const namesOf = (id: string) => ({ whole: id, thumbnail: `${id}-thumb`, raw: `${id}-raw` })

const NAME = /^[0-9a-f]{24}(-thumb|-raw)?$/

/** The file that these bytes belong to; null for a name that is not of a file. */
export const fileOf = (name: string): string | null => (NAME.test(name) ? name.slice(0, 24) : null)
