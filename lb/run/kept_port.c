#include "lb/run/kept_port.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "lb/base/clock.h"
#include "lb/base/log.h"
#include "lb/base/memory.h"

#define WAIT_MIN_MS 1000u
#define WAIT_MAX_MS 30000u

struct kept_port *kept_port_new(enum service_kind kind, const struct address *at, bool is_dynamic)
{
    struct kept_port *kept = memory_new(sizeof(*kept));
    kept->standing = (struct listener_standing){
        .kind = kind, .at = *at, .is_dynamic = is_dynamic, .state = LISTENER_ENDING};
    kept->wanted = *at;
    kept->is_wanted = true;
    kept->due_ms = KEPT_PORT_NEVER;
    kept->wait_ms = WAIT_MIN_MS;
    return kept;
}

static void stand(struct kept_port *kept, enum listener_state state)
{
    kept->standing.state = state;
    kept->standing.since_ns = clock_wall_ns();
    if (state != LISTENER_FAILED)
        kept->standing.why[0] = '\0';
}

static const char *name(const struct kept_port *kept, char text[ADDRESS_TEXT_BYTES])
{
    return address_format(&kept->standing.at, text);
}

/* What would help. */
static const char *remedy_for(int rc)
{
    switch (rc) {
    case -EADDRINUSE:
        return "something else has it (ss -lntup shows what): end that, or choose another port";
    case -EACCES:
    case -EPERM:
        return "it is kept for root: CAP_NET_BIND_SERVICE, or sysctl "
               "net.ipv4.ip_unprivileged_port_start; with --network host that of the machine "
               "counts";
    case -EADDRNOTAVAIL:
        return "give an address of this machine";
    case -EMFILE:
    case -ENFILE:
        return "give lb more open files (ulimit -n)";
    default:
        return "choose another address";
    }
}

void kept_port_fail(struct kept_port *kept, const char *why, uint64_t now_ms)
{
    struct listener_standing *standing = &kept->standing;
    char at[ADDRESS_TEXT_BYTES];
    bool is_last = now_ms == KEPT_PORT_NEVER;
    kept->due_ms = is_last ? KEPT_PORT_NEVER : now_ms + kept->wait_ms;
    kept->wait_ms = kept->wait_ms < WAIT_MAX_MS / 2 ? kept->wait_ms * 2 : WAIT_MAX_MS;
    if (standing->state == LISTENER_FAILED && strcmp(standing->why, why) == 0)
        return;
    stand(kept, LISTENER_FAILED);
    snprintf(standing->why, sizeof(standing->why), "%s", why);
    log_error("cannot listen on %s %s: %s%s", service_kind_word(standing->kind), name(kept, at),
              standing->why, is_last ? "" : "; it is tried again");
}

static int borrow(struct kept_port *kept, const struct lender *lender, uint32_t ordinal,
                  unsigned worker_count)
{
    struct listening listening;
    kept->lent = (struct channel_socket){.kind = kept->standing.kind,
                                         .ordinal = ordinal,
                                         .count = worker_count,
                                         .wanted = kept->wanted};
    snprintf(kept->lent.role, sizeof(kept->lent.role), "%s",
             service_kind_word(kept->standing.kind));
    int rc = lender->lend(lender->owner, &kept->lent, &listening);
    if (rc == 0)
        kept->port = listener_port_new(kept->standing.kind, &listening, worker_count);
    return rc;
}

bool kept_port_open(struct kept_port *kept, const struct lender *lender, uint32_t ordinal,
                    unsigned worker_count, uint64_t now_ms)
{
    struct listener_standing *standing = &kept->standing;
    char at[ADDRESS_TEXT_BYTES], why[sizeof(standing->why)];
    int rc = borrow(kept, lender, ordinal, worker_count);
    if (rc < 0) {
        snprintf(why, sizeof(why), "%s; %s", uv_strerror(rc), remedy_for(rc));
        kept_port_fail(kept, why, now_ms);
        return false;
    }
    standing->at = kept->port->listening.at;
    kept->due_ms = KEPT_PORT_NEVER;
    kept->wait_ms = WAIT_MIN_MS;
    stand(kept, LISTENER_OPEN);
    log_info("listening on %s %s%s", service_kind_word(standing->kind), name(kept, at),
             standing->is_dynamic ? ", as containers ask for it" : "");
    return true;
}

void kept_port_end(struct kept_port *kept)
{
    char at[ADDRESS_TEXT_BYTES];
    kept->is_wanted = false;
    kept->due_ms = KEPT_PORT_NEVER;
    if (!kept_port_is_open(kept))
        return;
    kept->is_ending = true;
    stand(kept, LISTENER_ENDING);
    log_info("listening no more on %s %s", service_kind_word(kept->standing.kind), name(kept, at));
}

bool kept_port_has_ended(struct kept_port *kept, const struct lender *lender)
{
    if (!kept->is_ending || !listener_port_is_alone(kept->port))
        return false;
    listener_port_unref(kept->port);
    kept->port = NULL;
    kept->is_ending = false;
    lender->take_back(lender->owner, &kept->lent);
    return true;
}

void kept_port_free(struct kept_port *kept)
{
    if (!kept)
        return;
    listener_port_unref(kept->port);
    free(kept);
}
