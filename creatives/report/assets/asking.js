// How the page of `creatives up` asks its server: with the header that no other page may set.

export const HEADERS = { "X-Creatives": "1" };

/** What is answered; an answer that is none is an error with what the server says. */
export async function answer(asked) {
  const response = await asked;
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.json();
}
