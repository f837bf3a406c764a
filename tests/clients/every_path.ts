// Call every path of /api/v1 by openapi-fetch and the types that openapi-typescript generates: every_path.js URL ADMIN_KEY
import assert from "node:assert/strict";
import createClient from "openapi-fetch";
import type { components, paths } from "./reelwise";

type Problem = components["schemas"]["Problem"];

const [url, key] = process.argv.slice(2);
const client = createClient<paths>({ baseUrl: url, headers: { Authorization: `Bearer ${key}` } });
const EXPORT = "Date,Name,Year,Letterboxd URI,Rating\n2024-01-02,Pulp Fiction,1994,https://boxd.it/a,4.5\n";

/** The data of an answer, which is no problem. */
async function got<T>(answer: Promise<{ data?: T; error?: Problem; response: Response }>): Promise<T> {
  const { data, error, response } = await answer;
  assert(data !== undefined, `${response.url}: ${error?.detail}`);
  return data;
}

async function gone(answer: Promise<{ response: Response }>): Promise<void> {
  assert.equal((await answer).response.status, 204);
}

// movies
const found = await got(client.GET("/api/v1/movies", { params: { query: { q: "pulp" } } }));
assert.equal(found[0]?.title, "Pulp Fiction (1994)");
assert((await got(client.GET("/api/v1/movies/starter", { params: { query: { n: 3 } } }))).length);
assert(Array.isArray(await got(client.GET("/api/v1/movies/groups"))));
assert((await got(client.GET("/api/v1/movies/map", { params: { query: { n: 5 } } }))).titles.length);
const one = await got(client.GET("/api/v1/movies/{movie_id}", { params: { path: { movie_id: 296 } } }));
assert.deepEqual(one.genres, ["Crime", "Drama"]);
const path = { movie_id: "tmdb:680" };
assert((await got(client.GET("/api/v1/movies/{movie_id}/similar", { params: { path } }))).length);
const poster = await got(
  client.GET("/api/v1/movies/{movie_id}/poster", {
    params: { path: { movie_id: 1 }, query: { width: "w185" } },
    parseAs: "blob",
  }),
);
assert(poster.size > 2);
const resolved = await got(
  client.POST("/api/v1/movies/resolve", { body: { movies: [{ title: "Toy Story", year: 1995 }, { tmdbId: 680 }] } }),
);
assert.deepEqual(resolved.movies.map(({ film }) => film?.movieId), [1, 296]);
const added = { params: { path: { movie_id: 9002 } } };
const body = { title: "A New Film", genres: ["Drama"], year: 2026 };
assert.equal((await got(client.PUT("/api/v1/movies/{movie_id}", { ...added, body }))).year, 2026);
await got(client.GET("/api/v1/movies/new"));
await gone(client.DELETE("/api/v1/movies/{movie_id}", added));

// recommendations
const liked = await got(
  client.POST("/api/v1/recommendations", {
    body: { movie_ids: [296, "imdb:tt0114709"], stars: { 593: 4.5, "tmdb:603": 2 }, n: 3, new_films: "among" },
  }),
);
assert(liked.recommendations.length);
assert.deepEqual(liked.unknown_ids, ["imdb:tt0114709"]);
const eight = { user_id: "8" };
const toUser = await got(
  client.GET("/api/v1/users/{user_id}/recommendations", {
    params: { path: eight, query: { rank_by: "stars", genres: ["Crime"] } },
  }),
);
assert(toUser.recommendations.every(({ movieId }) => movieId === 296 || movieId === 593));
const together = await got(
  client.POST("/api/v1/groups/recommendations", {
    body: { members: [{ name: "Ann", movie_ids: [296] }, { user_id: 9 }] },
  }),
);
assert.deepEqual(together.members.map(({ name }) => name), ["Ann", "member 2"]);
assert((await got(client.POST("/api/v1/match", { body: { movie_ids: [2571] } }))).matched_user_id);
const predicted = await got(client.POST("/api/v1/predictions", { body: { user_id: 8, movies: [296] } }));
assert((predicted.predictions[0]?.predicted_stars ?? 0) > 4);
await got(client.POST("/api/v1/recommendations/likely_seen", { body: { movie_ids: [296] } }));
await got(client.GET("/api/v1/users/{user_id}/likely_seen", { params: { path: eight, query: { n: 2 } } }));

// users
const bob = { user_id: "bob" };
const rating = { params: { path: { ...bob, movie_id: 296 } } };
const rated = await got(client.PUT("/api/v1/users/{user_id}/ratings/{movie_id}", { ...rating, body: { stars: 4.5 } }));
assert.equal(rated.stars, 4.5);
assert.equal((await got(client.GET("/api/v1/users/{user_id}/ratings/{movie_id}", rating))).movieId, 296);
const { recommendation_id } = liked;
const verdict = await got(
  client.POST("/api/v1/feedback", {
    body: { events: [{ user_id: "bob", movieId: 593, type: "shown", recommendation_id, position: 0 }] },
  }),
);
assert.equal(verdict.accepted, 1);
assert.equal((await got(client.GET("/api/v1/users/{user_id}/ratings", { params: { path: bob } }))).length, 1);
const history = await got(
  client.GET("/api/v1/users/{user_id}/history", { params: { path: eight, query: { limit: 1 } } }),
);
assert.equal(history.length, 1);
assert.equal((await got(client.GET("/api/v1/users/{user_id}/export", { params: { path: bob } }))).events.length, 2);
await gone(client.DELETE("/api/v1/users/{user_id}/ratings/{movie_id}", rating));
const matched = await got(
  client.POST("/api/v1/histories", {
    body: EXPORT,
    bodySerializer: (file) => file,
    headers: { "Content-Type": "application/octet-stream" },
  }),
);
assert.equal(matched.matched[0]?.stars, 4.5);
await gone(client.DELETE("/api/v1/users/{user_id}", { params: { path: bob } }));

// status
const { revision } = await got(client.GET("/api/v1/model"));
assert.equal((await got(client.POST("/api/v1/model/reload"))).revision, revision);
