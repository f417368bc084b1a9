#include "lb/gelf/gelf_target.h"

#include <sys/eventfd.h>

#include "lb/base/view.h"

#define SOON_MS 1000u
#define NEVER   UINT64_MAX

static unsigned soon(const struct gelf_target *target)
{
    return target->resolve_ms < SOON_MS ? target->resolve_ms : SOON_MS;
}

void gelf_target_open(struct gelf_target *target, const struct gelf_url *url, unsigned resolve_ms,
                      int bell_fd)
{
    *target = (struct gelf_target){.url = url, .resolve_ms = resolve_ms, .bell_fd = bell_fd};
    target->retry_ms = soon(target);
    target->is_literal =
        address_parse_ip(view_str(url->host), url->port, &target->answer.addresses[0]);
    target->answer.count = target->is_literal;
    target->due_ms = target->is_literal ? NEVER : 0;
}

void gelf_target_close(struct gelf_target *target)
{
    if (target->query)
        name_query_abandon(target->query);
    target->query = NULL;
}

/* Of the old address in the new answer; 0 where it is not there. */
static unsigned find_current(const struct gelf_target *target,
                             const struct name_query_answer *answer)
{
    const struct address *old = gelf_target_address(target);
    for (unsigned i = 0; old && i < answer->count; i++)
        if (address_eq(old, &answer->addresses[i]))
            return i;
    return 0;
}

/* Without an answer the old addresses stay. */
static void take(struct gelf_target *target, const struct name_query_answer *answer,
                 uint64_t now_ms)
{
    if (answer->count == 0) {
        memcpy(target->answer.problem, answer->problem, sizeof(answer->problem));
        target->due_ms = now_ms + target->retry_ms;
        target->retry_ms *= 2;
        if (target->retry_ms > target->resolve_ms)
            target->retry_ms = target->resolve_ms;
        return;
    }
    target->current = find_current(target, answer);
    target->answer = *answer;
    target->retry_ms = soon(target);
    target->due_ms = now_ms + target->resolve_ms;
}

/* On the resolver's thread. */
static void ring(void *owner)
{
    const struct gelf_target *target = owner;
    eventfd_write(target->bell_fd, 1);
}

void gelf_target_turn(struct gelf_target *target, uint64_t now_ms)
{
    struct name_query_answer answer;
    if (target->query && name_query_take(target->query, &answer)) {
        target->query = NULL;
        take(target, &answer, now_ms);
    }
    if (target->query || now_ms < target->due_ms)
        return;
    target->asked_ms = now_ms;
    target->query = name_query_start(target->url->host, target->url->port,
                                     GELF_TARGET_ADDRESSES_MAX, ring, target);
}

const struct address *gelf_target_address(const struct gelf_target *target)
{
    return target->answer.count > 0 ? &target->answer.addresses[target->current] : NULL;
}

void gelf_target_fail(struct gelf_target *target)
{
    if (target->answer.count > 0)
        target->current = (target->current + 1) % target->answer.count;
    if (!target->is_literal && target->due_ms > target->asked_ms + soon(target))
        target->due_ms = target->asked_ms + soon(target);
}

uint64_t gelf_target_due_ms(const struct gelf_target *target)
{
    return target->query ? NEVER : target->due_ms;
}
