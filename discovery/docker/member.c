#include "discovery/docker/member.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>

#include "lb/base/memory.h"

struct member *member_new(struct container *container)
{
    struct member *member = memory_new(sizeof(*member));
    member->container = container;
    member->is_hidden = true;
    return member;
}

void member_free_shown(struct shown *shown, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        placement_fini(&shown[i].placement);
        free(shown[i].name);
    }
    free(shown);
}

void member_free(struct member *member)
{
    assert(!member->inspection);
    container_free(member->container);
    claimant_clear(&member->claimant);
    free(member->remark);
    enlisted_free(member->enlisted);
    member_free_shown(member->shown, member->shown_count);
    free(member);
}

void member_set_cause(struct member *member, const char *cause, uint64_t time_ns)
{
    snprintf(member->cause, sizeof(member->cause), "%s", cause);
    member->cause_time_ns = time_ns;
}

void member_forget_run(struct member *member)
{
    member->is_draining = false;
    member->drain_until_ms = 0;
    member->early_signal = 0;
    member->ask_at_ms = 0;
    member->is_autopsy = false;
}

void member_note_exit_code(struct member *member, int code)
{
    member->container->has_exit_code = code >= 0;
    member->container->exit_code = code >= 0 ? code : 0;
}

void member_note_death(struct member *member)
{
    member_forget_run(member);
    member->is_hidden = false;
    member->container->has_autopsy = member->container->was_oom_killed = false;
    free(member->container->error);
    member->container->error = NULL;
    member->container->running = false;
    member->container->paused = false;
    snprintf(member->container->status, sizeof(member->container->status), "exited");
}
