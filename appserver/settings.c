#include "appserver/settings.h"

#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#define DURATION_MAX_MS 86400000
#define NAME_MAX_BYTES  255

const char settings_help[] =
    "appserver: a small HTTP/1.1 server for demos and tests of load balancers.\n"
    "\n"
    "Usage: appserver [flags]\n"
    "       appserver --healthcheck [PATH]   exit 0 if the running server answers 200\n"
    "\n"
    "  --listen [IP:]PORT   where to listen (default 0.0.0.0:8484; [::]:8484 for IPv6 too)\n"
    "  --port PORT          the port alone (environment APPSERVER_PORT); 0: any free port\n"
    "  --name NAME          the name in the greeting (APPSERVER_NAME; default: the hostname)\n"
    "  --keepalive-ms MS    close an idle connection after this (default 75000; 0: close after\n"
    "                       each answer)\n"
    "  --wait-ms MS         close a connection whose client does not go on sending its request or\n"
    "                       reading its answer for this long (default 60000)\n"
    "  --linger-ms MS       serve on for this long after SIGTERM (APPSERVER_LINGER_MS; default 0)\n"
    "  --grace-ms MS        then finish what runs within this time (default 10000)\n"
    "  --no-drain           on SIGTERM exit at once and drop everything, as a bad program does\n"
    "  --sentry-dsn DSN     tell Sentry of exceptions (SENTRY_DSN, which others do not see in the "
    "list\n"
    "                       of processes)\n"
    "  --no-log             no line per request on standard output\n"
    "  --healthcheck        ask the server of the same --listen (default path /healthz), at most 2 "
    "s\n"
    "  --help, --version\n"
    "\n"
    "What it serves (any method; a request's body is read first):\n"
    "  /               Hello World and the name\n"
    "  /healthz        200 ok, or 503 after POST /unhealthy (POST /healthy: 200 again)\n"
    "  /echo           the request's head as received, then its body (at most 1 MiB)\n"
    "  /bytes/N        N bytes; byte i is 'a' + i % 26\n"
    "  /upload         how many bytes the body had, and their Adler-32 as in zlib\n"
    "  /delay/MS       answers after MS milliseconds (at most one hour)\n"
    "  /slow/N/MS      N chunks with MS milliseconds between them\n"
    "  /status/CODE    that status, 200 to 599\n"
    "  /raise          500, by an exception that is logged, and told to Sentry; ?message=TEXT is "
    "its\n"
    "                  text\n"
    "  /metrics        what it served, for Prometheus\n"
    "  /drop           closes the connection without an answer\n"
    "  /ws             with Upgrade: websocket echoes messages (frames of at most 1 MiB), with\n"
    "                  another protocol bytes, until the peer closes\n"
    "\n"
    "SIGTERM and SIGINT stop it: it stops accepting, finishes what runs and exits 0.\n";

static bool refuse(struct text *error, const char *flag, const char *value, const char *accepted)
{
    text_appendf(error, "%s: \"%s\" is not accepted; accepted: %s", flag, value, accepted);
    return false;
}

static bool set_port(const char *flag, const char *value, struct address *out, struct text *error)
{
    uint64_t port;
    if (!view_parse_u64(view_str(value), UINT16_MAX, &port))
        return refuse(error, flag, value, "a port, 0 to 65535 (0: any free port)");
    if (out->socket.any.sa_family == AF_INET6)
        out->socket.v6.sin6_port = htons((uint16_t)port);
    else
        out->socket.v4.sin_port = htons((uint16_t)port);
    return true;
}

static bool set_listen(const char *flag, const char *value, struct address *out, struct text *error)
{
    struct view text = view_str(value);
    uint64_t port;
    if (view_parse_u64(text, UINT16_MAX, &port))
        return set_port(flag, value, out, error);
    if (!address_parse(text, out))
        return refuse(error, flag, value, "PORT, IP:PORT or [IPv6]:PORT, as in 0.0.0.0:8484");
    return true;
}

static bool set_name(const char *flag, const char *value, const char **out, struct text *error)
{
    struct view name = view_str(value);
    bool good = name.len > 0 && name.len <= NAME_MAX_BYTES;
    for (size_t i = 0; good && i < name.len; i++)
        good = (unsigned char)name.ptr[i] >= 0x20 && name.ptr[i] != 0x7F;
    if (!good)
        return refuse(error, flag, value, "1 to 255 bytes without control characters");
    *out = value;
    return true;
}

static bool set_ms(const char *flag, const char *value, uint64_t *out, struct text *error)
{
    if (!view_parse_u64(view_str(value), DURATION_MAX_MS, out))
        return refuse(error, flag, value, "milliseconds, 0 to 86400000");
    return true;
}

/* The DSN is a secret: the message does not quote it. */
static bool set_dsn(const char *flag, const char *value, struct dsn *out, struct text *error)
{
    struct text problem = TEXT_INIT;
    bool is_good = dsn_parse(view_str(value), out, &problem);
    if (!is_good)
        text_appendf(error, "%s: %s", flag, text_str(&problem));
    text_fini(&problem);
    return is_good;
}

/* Docker and Kubernetes tell a container of its neighbours by variables that begin with their names:
 * of one with the name "appserver" by APPSERVER_PORT=tcp://10.0.0.1:8484 and
 * APPSERVER_NAME=/client/appserver. NULL in their place. */
static const char *pass_over_injected(const char *name, bool is_injected, struct settings *out)
{
    if (is_injected)
        out->ignored = name;
    return is_injected ? NULL : getenv(name);
}

static const char *get_port(struct settings *out)
{
    const char *port = getenv("APPSERVER_PORT");
    return pass_over_injected("APPSERVER_PORT", port && strstr(port, "://"), out);
}

static const char *get_name(struct settings *out)
{
    const char *name = getenv("APPSERVER_NAME");
    return pass_over_injected("APPSERVER_NAME", name && name[0] == '/', out);
}

static bool apply_environment(struct settings *out, struct text *error)
{
    const char *port = get_port(out);
    const char *name = get_name(out);
    const char *linger = getenv("APPSERVER_LINGER_MS");
    const char *dsn = getenv("SENTRY_DSN");
    if (dsn && *dsn && !set_dsn("SENTRY_DSN", dsn, &out->dsn, error))
        return false;
    if (port && *port && !set_port("APPSERVER_PORT", port, &out->listen, error))
        return false;
    if (name && *name && !set_name("APPSERVER_NAME", name, &out->name, error))
        return false;
    return !linger || !*linger || set_ms("APPSERVER_LINGER_MS", linger, &out->linger_ms, error);
}

enum flag {
    FLAG_LISTEN = 1,
    FLAG_PORT,
    FLAG_NAME,
    FLAG_KEEPALIVE,
    FLAG_WAIT,
    FLAG_LINGER,
    FLAG_GRACE,
    FLAG_SENTRY_DSN,
    FLAG_NO_DRAIN,
    FLAG_NO_LOG,
    FLAG_HEALTHCHECK,
    FLAG_HELP,
    FLAG_VERSION,
};

static const struct option options[] = {
    {"listen", required_argument, NULL, FLAG_LISTEN},
    {"port", required_argument, NULL, FLAG_PORT},
    {"name", required_argument, NULL, FLAG_NAME},
    {"keepalive-ms", required_argument, NULL, FLAG_KEEPALIVE},
    {"wait-ms", required_argument, NULL, FLAG_WAIT},
    {"linger-ms", required_argument, NULL, FLAG_LINGER},
    {"grace-ms", required_argument, NULL, FLAG_GRACE},
    {"sentry-dsn", required_argument, NULL, FLAG_SENTRY_DSN},
    {"no-drain", no_argument, NULL, FLAG_NO_DRAIN},
    {"no-log", no_argument, NULL, FLAG_NO_LOG},
    {"healthcheck", no_argument, NULL, FLAG_HEALTHCHECK},
    {"help", no_argument, NULL, FLAG_HELP},
    {"version", no_argument, NULL, FLAG_VERSION},
    {NULL, 0, NULL, 0},
};

static bool apply_flag(int flag, char **argv, struct settings *out, struct text *error)
{
    switch (flag) {
    case FLAG_LISTEN:
        return set_listen("--listen", optarg, &out->listen, error);
    case FLAG_PORT:
        return set_port("--port", optarg, &out->listen, error);
    case FLAG_NAME:
        return set_name("--name", optarg, &out->name, error);
    case FLAG_KEEPALIVE:
        return set_ms("--keepalive-ms", optarg, &out->keepalive_ms, error);
    case FLAG_WAIT:
        return set_ms("--wait-ms", optarg, &out->wait_ms, error) &&
               (out->wait_ms > 0 || refuse(error, "--wait-ms", optarg, "at least 1"));
    case FLAG_LINGER:
        return set_ms("--linger-ms", optarg, &out->linger_ms, error);
    case FLAG_GRACE:
        return set_ms("--grace-ms", optarg, &out->grace_ms, error);
    case FLAG_SENTRY_DSN:
        return set_dsn("--sentry-dsn", optarg, &out->dsn, error);
    case FLAG_NO_DRAIN:
        out->no_drain = true;
        return true;
    case FLAG_NO_LOG:
        out->no_log = true;
        return true;
    case FLAG_HEALTHCHECK:
        out->action = SETTINGS_HEALTHCHECK;
        return true;
    case FLAG_HELP:
        out->action = SETTINGS_HELP;
        return true;
    case FLAG_VERSION:
        out->action = SETTINGS_VERSION;
        return true;
    case ':':
        text_appendf(error, "%s: a value is missing; see appserver --help", argv[optind - 1]);
        return false;
    default:
        text_appendf(error, "%s: unknown flag or unexpected value; see appserver --help",
                     argv[optind - 1]);
        return false;
    }
}

static bool apply_rest(int argc, char **argv, struct settings *out, struct text *error)
{
    if (out->action == SETTINGS_HEALTHCHECK && optind < argc) {
        const char *path = argv[optind++];
        if (path[0] != '/' || path[strcspn(path, " \r\n\t")] != '\0')
            return refuse(error, "--healthcheck", path, "a path that begins with /, no blanks");
        out->healthcheck_path = path;
    }
    if (optind < argc) {
        text_appendf(error, "%s: unexpected argument; see appserver --help", argv[optind]);
        return false;
    }
    return true;
}

bool settings_parse(int argc, char **argv, struct settings *out, struct text *error)
{
    *out = (struct settings){
        .healthcheck_path = "/healthz",
        .keepalive_ms = 75000,
        .wait_ms = 60000,
        .grace_ms = 10000,
    };
    address_parse(VIEW("0.0.0.0:8484"), &out->listen);
    if (!apply_environment(out, error))
        return false;
    opterr = 0;
    for (;;) {
        int flag = getopt_long(argc, argv, ":", options, NULL);
        if (flag == -1)
            return apply_rest(argc, argv, out, error);
        if (!apply_flag(flag, argv, out, error))
            return false;
    }
}
