// The sandbox's own endpoints and its live events.

async function call(verb, path, body, type = "application/json") {
  const options = { method: verb };
  if (body !== undefined) {
    options.body = type === "application/json" ? JSON.stringify(body) : body;
    options.headers = { "Content-Type": type };
  }
  const response = await fetch(`/sandbox/${path}`, options);
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error || `HTTP ${response.status}`);
  return answer;
}

export const get = (path) => call("GET", path);
export const post = (path, body = {}) => call("POST", path, body);
export const remove = (path) => call("DELETE", path);

export function upload(person, file, asPhoto, caption) {
  const query = new URLSearchParams({ name: file.name || "file" });
  if (caption) query.set("caption", caption);
  const type = file.type && file.type !== "application/json" ? file.type : "application/octet-stream";
  if (file.type) query.set("mime", file.type);
  return call("POST", `person/${person}/${asPhoto ? "photo" : "document"}?${query}`, file, type);
}

// The browser reconnects by itself; `opened` runs after each connection, so that nothing missed stays missed.
export function listen(received, opened, lost) {
  const source = new EventSource("/sandbox/events");
  source.onopen = opened;
  source.onerror = () => {
    lost();
    // After some failures the browser gives up for good; then a new source takes over.
    if (source.readyState === EventSource.CLOSED) setTimeout(() => listen(received, opened, lost), 2000);
  };
  source.onmessage = (event) => received(JSON.parse(event.data));
}
