// How the page of `creatives up` asks its server: with the header that no other page may set.

export const HEADERS = { "X-Creatives": "1" };
export const AS_JSON = { ...HEADERS, "Content-Type": "application/json" };

/**
 * Asks, and gives what is answered; undefined where a later question was answered meanwhile: an answer that comes late
 * never takes the place of a newer one.
 */
export function inOrder() {
  let asked = 0;
  let newest = 0;
  return async (question) => {
    asked += 1;
    const turn = asked;
    try {
      const told = await question();
      if (turn < newest) return undefined;
      newest = turn;
      return told;
    } catch (error) {
      if (turn < newest) return undefined;
      throw error;
    }
  };
}

/** What is answered; an answer that is none is an error with what the server says. */
export async function answer(asked) {
  const response = await asked;
  if (response.ok) return response.json();
  const { error } = await response.json().catch(() => ({})); // what is no JSON is not of this server
  throw new Error(error ?? `${response.status} ${response.statusText}`);
}

let underWay = 0;

/** What is done here would be lost with the page: whoever closes it, or has it load anew, is asked first. */
export async function lostWithThePage(doing) {
  underWay += 1;
  try {
    return await doing;
  } finally {
    underWay -= 1;
  }
}

window.addEventListener("beforeunload", (event) => underWay && event.preventDefault());
