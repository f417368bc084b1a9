#include "appserver/routes.h"

#include "appserver/websocket.h"

#define BYTES_MAX          ((uint64_t)1 << 40)
#define PAUSE_MAX_MS       3600000
#define PIECES_MAX         1000000
#define PROTOCOL_MAX_BYTES 64

void routes_init(struct routes *routes, const char *name)
{
    struct text greeting = TEXT_INIT;
    text_appendf(&greeting, "Hello World\nHi there, I'm served from %s!\n", name);
    answer_ready_init(&routes->root, text_view(&greeting));
    text_fini(&greeting);
    routes->unhealthy = false;
}

void routes_fini(struct routes *routes)
{
    answer_ready_fini(&routes->root);
}

static struct answer_plan say(int status, const char *why)
{
    return (struct answer_plan){.kind = ANSWER_TEXT, .status = status, .why = why};
}

static struct answer_plan plan_of(enum answer_kind kind)
{
    return (struct answer_plan){.kind = kind, .status = 200};
}

static struct answer_plan find_health(const struct routes *routes)
{
    if (routes->unhealthy)
        return say(503, "POST /unhealthy asked for this");
    struct answer_plan plan = plan_of(ANSWER_TEXT);
    plan.text = VIEW("ok\n");
    return plan;
}

static struct answer_plan switch_health(struct routes *routes, struct view method, bool unhealthy)
{
    if (!view_eq(method, VIEW("POST"))) {
        struct answer_plan plan = say(405, "use POST");
        plan.fields = "Allow: POST\r\n";
        return plan;
    }
    routes->unhealthy = unhealthy;
    return say(200, unhealthy ? "/healthz now answers 503" : "/healthz now answers 200");
}

static struct answer_plan find_bytes(struct view arguments)
{
    struct answer_plan plan = plan_of(ANSWER_BYTES);
    if (!view_parse_u64(arguments, BYTES_MAX, &plan.count))
        return say(400, "/bytes/N takes an N from 0 to 1099511627776");
    return plan;
}

static struct answer_plan find_delay(struct view arguments)
{
    struct answer_plan plan = plan_of(ANSWER_TEXT);
    plan.text = VIEW("waited\n");
    if (!view_parse_u64(arguments, PAUSE_MAX_MS, &plan.pause_ms))
        return say(400, "/delay/MS takes milliseconds from 0 to 3600000");
    return plan;
}

static struct answer_plan find_slow(struct view arguments)
{
    struct answer_plan plan = plan_of(ANSWER_SLOW);
    struct view pieces = view_cut(&arguments, '/');
    if (!view_parse_u64(pieces, PIECES_MAX, &plan.count) ||
        !view_parse_u64(arguments, PAUSE_MAX_MS, &plan.pause_ms))
        return say(400, "/slow/N/MS takes up to 1000000 pieces and up to 3600000 milliseconds");
    return plan;
}

static struct answer_plan find_status(struct view arguments)
{
    uint64_t code;
    if (!view_parse_u64(arguments, 599, &code) || code < 200)
        return say(400, "/status/CODE takes a code from 200 to 599");
    return say((int)code, NULL);
}

/* One protocol, no list (RFC 9110 § 7.8), and not h2c: that would promise HTTP/2. */
static bool is_protocol(struct view token)
{
    if (token.len == 0 || token.len > PROTOCOL_MAX_BYTES || view_eq_nocase(token, VIEW("h2c")))
        return false;
    for (size_t i = 0; i < token.len; i++)
        if (token.ptr[i] <= ' ' || token.ptr[i] > '~' || token.ptr[i] == ',')
            return false;
    return true;
}

/* What RFC 6455 § 4.2.1 asks of the client besides Upgrade. */
static struct answer_plan find_websocket(const struct request *request)
{
    if (!view_eq(request->websocket_version, VIEW("13"))) {
        struct answer_plan plan = say(426, "WebSocket is spoken in version 13 here");
        plan.fields = "Upgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
        return plan;
    }
    if (!websocket_is_key(request->websocket_key))
        return say(400, "Sec-WebSocket-Key must be 16 bytes in base64");
    return (struct answer_plan){.kind = ANSWER_TUNNEL,
                                .status = 101,
                                .protocol = VIEW("websocket"),
                                .websocket_key = request->websocket_key};
}

static struct answer_plan find_tunnel(const struct request *request)
{
    if (!request->http11 || !is_protocol(request->upgrade)) {
        struct answer_plan plan = say(426, "/ws wants Upgrade with one protocol, as in: echo");
        plan.fields = "Upgrade: echo\r\n";
        return plan;
    }
    if (request->has_body || !view_eq(request->method, VIEW("GET")))
        return say(400, "/ws wants GET without a body");
    if (view_eq_nocase(request->upgrade, VIEW("websocket")))
        return find_websocket(request);
    return (struct answer_plan){.kind = ANSWER_TUNNEL, .status = 101, .protocol = request->upgrade};
}

/* True when `path` begins with `prefix`; `*arguments` is what follows. */
static bool takes(struct view path, const char *prefix, struct view *arguments)
{
    struct view known = view_str(prefix);
    if (!view_starts_with(path, known))
        return false;
    *arguments = view_skip(path, known.len);
    return true;
}

struct answer_plan routes_find(struct routes *routes, const struct request *request)
{
    struct view path = request->path;
    struct view arguments;
    if (view_eq(path, VIEW("/"))) {
        struct answer_plan plan = plan_of(ANSWER_READY);
        plan.ready = &routes->root;
        return plan;
    }
    if (view_eq(path, VIEW("/healthz")))
        return find_health(routes);
    if (view_eq(path, VIEW("/healthy")))
        return switch_health(routes, request->method, false);
    if (view_eq(path, VIEW("/unhealthy")))
        return switch_health(routes, request->method, true);
    if (view_eq(path, VIEW("/echo")))
        return plan_of(ANSWER_ECHO);
    if (view_eq(path, VIEW("/upload")))
        return plan_of(ANSWER_UPLOAD);
    if (view_eq(path, VIEW("/raise")))
        return (struct answer_plan){.kind = ANSWER_RAISE, .status = 500};
    if (view_eq(path, VIEW("/metrics")))
        return plan_of(ANSWER_METRICS);
    if (view_eq(path, VIEW("/drop")))
        return plan_of(ANSWER_DROP);
    if (view_eq(path, VIEW("/ws")))
        return find_tunnel(request);
    if (takes(path, "/bytes/", &arguments))
        return find_bytes(arguments);
    if (takes(path, "/delay/", &arguments))
        return find_delay(arguments);
    if (takes(path, "/slow/", &arguments))
        return find_slow(arguments);
    if (takes(path, "/status/", &arguments))
        return find_status(arguments);
    return say(404, "see appserver --help for the paths");
}
