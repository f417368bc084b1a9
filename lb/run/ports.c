#include "lb/run/ports.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "lb/base/log.h"

static const char *advice_on(int rc)
{
    if (rc == UV_EADDRINUSE)
        return " (something else has it; ss -lntup shows what)";
    return rc == UV_EACCES ? " (it is kept for root: CAP_NET_BIND_SERVICE, or sysctl "
                             "net.ipv4.ip_unprivileged_port_start; with --network host that of the "
                             "machine counts)"
                           : "";
}

static uint32_t count_same(const struct address *all, unsigned count, const struct address *at)
{
    uint32_t same = 0;
    for (unsigned i = 0; i < count; i++)
        same += address_eq(&all[i], at);
    return same;
}

static int borrow(struct listening *listening, const struct lender *lender, const char *role,
                  const struct address *at, uint32_t ordinal, unsigned count)
{
    struct channel_socket wanted = {
        .kind = SERVICE_TCP, .ordinal = ordinal, .count = count, .wanted = *at};
    snprintf(wanted.role, sizeof(wanted.role), "%s", role);
    return lender->lend(lender->owner, &wanted, listening);
}

static bool open_one(struct listening *listening, const struct lender *lender, const char *flag,
                     const struct address *at, uint32_t ordinal, unsigned count)
{
    char text[ADDRESS_TEXT_BYTES];
    int rc = borrow(listening, lender, flag, at, ordinal, count);
    if (rc < 0)
        log_error("cannot listen on %s: %s%s; choose another address with --%s",
                  address_format(&listening->at, text), uv_strerror(rc), advice_on(rc), flag);
    return rc == 0;
}

/* Addresses beside those that are named. */
struct also {
    const char *role;
    const struct address *list, *named;
    unsigned count, named_count;
    struct listening *listens; /* goes on behind those that are open */
    unsigned *listen_count;
};

/* Where nothing depends on it. */
static void open_also(const struct also *also, const struct lender *lender, unsigned worker_count)
{
    char text[ADDRESS_TEXT_BYTES];
    for (unsigned i = 0; i < also->count && *also->listen_count < CONFIG_LISTEN_MAX; i++) {
        struct listening *listening = &also->listens[*also->listen_count];
        const struct address *at = &also->list[i];
        uint32_t ordinal =
            count_same(also->named, also->named_count, at) + count_same(also->list, i, at);
        int rc = borrow(listening, lender, also->role, at, ordinal, worker_count);
        address_format(&listening->at, text);
        if (rc < 0)
            log_warn("cannot listen on %s as well: %s%s; going on without it", text,
                     uv_strerror(rc), advice_on(rc));
        else
            log_info("listening on %s%s", strcmp(also->role, "listen") == 0 ? "" : "tls ", text);
        *also->listen_count += rc == 0;
    }
}

static void open_also_http(struct ports *ports, const struct config *config,
                           const struct lender *lender, unsigned worker_count)
{
    const struct also also = {.role = "listen",
                              .list = config->also,
                              .count = config->also_count,
                              .named = config->listens,
                              .named_count = config->listen_count,
                              .listens = ports->listens,
                              .listen_count = &ports->listen_count};
    open_also(&also, lender, worker_count);
}

static void open_also_tls(struct ports *ports, const struct config_tls *tls,
                          const struct lender *lender, unsigned worker_count)
{
    const struct also also = {.role = "listen-tls",
                              .list = tls->also,
                              .count = tls->also_count,
                              .named = tls->listens,
                              .named_count = tls->listen_count,
                              .listens = ports->tls_listens,
                              .listen_count = &ports->tls_listen_count};
    open_also(&also, lender, worker_count);
}

static bool open_tls(struct ports *ports, const struct config_tls *tls, const struct lender *lender,
                     unsigned worker_count)
{
    char text[ADDRESS_TEXT_BYTES];
    for (; ports->tls_listen_count < tls->listen_count; ports->tls_listen_count++) {
        struct listening *listening = &ports->tls_listens[ports->tls_listen_count];
        const struct address *at = &tls->listens[ports->tls_listen_count];
        if (!open_one(listening, lender, "listen-tls", at,
                      count_same(tls->listens, ports->tls_listen_count, at), worker_count))
            return false;
        log_info("listening on tls %s", address_format(&listening->at, text));
    }
    return true;
}

bool ports_open(struct ports *ports, const struct config *config, const struct lender *lender,
                const struct lender *also_lender, unsigned worker_count)
{
    char text[ADDRESS_TEXT_BYTES];
    *ports = (struct ports){0};
    for (; ports->listen_count < config->listen_count; ports->listen_count++) {
        struct listening *listening = &ports->listens[ports->listen_count];
        const struct address *at = &config->listens[ports->listen_count];
        if (!open_one(listening, lender, "listen", at,
                      count_same(config->listens, ports->listen_count, at), worker_count))
            return false;
        log_info("listening on %s", address_format(&listening->at, text));
    }
    open_also_http(ports, config, also_lender, worker_count);
    if (!open_tls(ports, &config->tls, lender, worker_count))
        return false;
    open_also_tls(ports, &config->tls, also_lender, worker_count);
    return !config->admin_enabled || open_one(&ports->admin, lender, "admin", &config->admin, 0, 1);
}

static bool last(const struct listening *all, unsigned count)
{
    for (unsigned i = 0; i < count; i++)
        if (all[i].is_lasting)
            return true;
    return false;
}

bool ports_last(const struct ports *ports)
{
    return last(ports->listens, ports->listen_count) ||
           last(ports->tls_listens, ports->tls_listen_count);
}

void ports_close(struct ports *ports)
{
    for (unsigned i = 0; i < ports->listen_count; i++)
        listening_close(&ports->listens[i]);
    for (unsigned i = 0; i < ports->tls_listen_count; i++)
        listening_close(&ports->tls_listens[i]);
    listening_close(&ports->admin);
}
