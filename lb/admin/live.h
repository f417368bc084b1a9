/* /events: about the pool and its traffic, as server-sent events, one a second, each one JSON object: for those who
 * follow. Without followers nothing is computed.
 *
 * The first object has `"full":true` and all sections. Each later one has `"time"` and only what changed: of
 * a map (M) the entries that did, whole, or null for one that is gone; any other section whole. An object with
 * `"full":true` may also come later, to who has been too slow to read: it begins anew. Numbers have three digits,
 * so that noise is no change. All followers share the text; who begins is told what was told last.
 *
 *   time             RFC 3339
 *   about            {name, host, version, workers, pid, started, jail, process: as /process}
 *   source           as "discovery" of /pool, but for the age of its last line
 *   listeners      M "0.0.0.0:8000/http" -> {protocol: http|https|tcp|udp|admin, address, state, detail?}
 *   routes           {version, count, default: a sentence, service: the default one, shutting_down}; /routes
 *                    is another one when version is
 *   certificates     {count, refused_count, reads, changed_s} or null; /certificates is another one when one of them is
 *   services       M key -> {name, kind: http|tcp|udp, default?:true, ready, usable, endpoint_count, states: {ready: 3, …},
 *                    panic, unrouted?:true, local_share_percent?, options?, paused_for_ms?, ordered_share?}. The key is the name; of TCP and
 *                    UDP "name/tcp", "name/udp", and "name/tcp/http" of HTTP that is named "name/tcp"
 *   service_numbers M key -> of HTTP {rate, rate_4xx, rate_5xx, percent_5xx, p50_ms, p99_ms, inflight, waiting, retry_rate};
 *                    else {open, rate, client_bytes_rate, server_bytes_rate, failed_rate, waiting, protocol, and
 *                    connections or flows as in /pool}. null: not known yet
 *   service_more     how many there are beyond WINDOW_SERVICE_MAX
 *   endpoints      M key -> {service: its key, and the facts of /pool: id, name, address, state, since, cause, problem?,
 *                    remedy?, weight, ordered?, max_inflight?, local?, protocol?, place?, why?, remark?}. The key is that of the
 *                    service, a blank, and the endpoint's id
 *   endpoint_numbers M key -> {rate, rate_4xx?, rate_5xx?, percent_5xx?, p50_ms?, p99_ms?, outlier?: true (its p99 is far
 *                    above its siblings'), inflight?, requests?, failures?, retries? (attempts that another one followed),
 *                    ejections?, connections?, places_taken?, share_percent?, ejected_for_ms?}: what is 0 is left out.
 *                    With more than 250 those of 250 are looked at in one object, the others in turn
 *   endpoint_more    how many there are beyond 2 000; those that are not ready come first
 *   totals           {window_ms, rate, rate_4xx, rate_5xx, percent_5xx, p50_ms, p90_ms, p99_ms, inflight, held, queued,
 *                    totals: as in /pool}; rates and quantiles, here and above, of the last ten seconds
 *   saturation       {connections: {open, max}, buffers: {bytes, max}, descriptors: {open, max}, memory_bytes, workers:
 *                    [{cpu_percent}]}
 *   changes        M number -> {number, time, service, endpoint: key, name, before, after, cause, problem}: the last 200
 *   left_out       M id -> {id, name, service, reason, sentence, remedy, since?}: at most 200
 *   left_out_count   all of them
 *   notable          {number}: how many requests were kept for /requests, ever; that page is another one when it changes
 *   history          {number} of the latest sample of /history
 *   sample         M key of a service -> {rate, rate_5xx, p99_ms} of that sample
 *   seen             [{time, request_id?, client?, listener?, route?, service?, endpoint?: key, name?, method?, host?, path?: without
 *                    its query, status, end, ms, attempts}]: some that ended since the object before, at most 20
 */
#ifndef LB_ADMIN_LIVE_H
#define LB_ADMIN_LIVE_H

#include "lb/admin/admin.h"
#include "lb/admin/history.h"
#include "lb/admin/live_news.h"
#include "lb/admin/live_totals.h"

#define LIVE_INTERVAL_MS 1000u
#define LIVE_HOST_BYTES  256

struct live_options {
    struct loop *loop;
    struct admin *admin;         /* who follows */
    struct crew *crew;           /* how busy it is */
    const struct recent *recent; /* changes */
    /* The pool and its traffic, with the counters of all workers added to `*totals`. */
    struct pool_page (*describe)(const void *owner, struct metrics *totals);
    const void *owner;
};

struct live {
    struct live_options options;
    uv_timer_t second; /* runs while somebody follows */
    struct window window;
    struct live_differ differ;
    struct live_totals totals;
    struct live_news news;
    struct history history;
    uint64_t number; /* of looks */
    char host[LIVE_HOST_BYTES];
    struct text frame;
};

/* Copies the options, borrows what they point to. Thread: control, as for all of this module. */
void live_init(struct live *live, const struct live_options *options);

/* Somebody begins to follow: appends all that is known to `out`; admin_tell goes on with it. */
void live_begin(struct live *live, struct text *out);

/* Closes the timer and forgets what it has kept; the loop must run once more. Idempotent. */
void live_close(struct live *live);

#endif
