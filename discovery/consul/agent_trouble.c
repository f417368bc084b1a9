#include "discovery/consul/agent_trouble.h"

#include <stdio.h>
#include <string.h>

#include "discovery/consul/agent_remedy.h"

static void read_status(const struct fetch_answer *answer, const struct fetch_failure *failure,
                        const char *token_problem, struct agent_trouble *out)
{
    int status = answer->status;
    snprintf(out->why, sizeof(out->why), "it answers with status %d%s%.160s", status,
             failure->sample[0] != '\0' ? ": " : "", failure->sample);
    out->remedy = agent_remedy_of_status(status, failure->sample);
    if (status == 401 || status == 403) {
        out->kind = AGENT_TROUBLE_DENIED;
        if (token_problem[0] != '\0')
            snprintf(out->why, sizeof(out->why), "it answers with status %d; %.250s", status,
                     token_problem);
    } else if (status == 429 || status == 503) {
        out->kind = AGENT_TROUBLE_BUSY;
    } else if (status == 500 && strstr(failure->sample, AGENT_REMEDY_NO_LEADER)) {
        out->kind = AGENT_TROUBLE_NO_LEADER;
    } else {
        out->kind = status >= 500 ? AGENT_TROUBLE_FAULT : AGENT_TROUBLE_REFUSED;
    }
}

bool agent_trouble_read(const struct fetch_answer *answer, const struct fetch_failure *failure,
                        const char *token_problem, struct agent_trouble *out)
{
    *out = (struct agent_trouble){.remedy = ""};
    if (answer->is_too_large) {
        agent_trouble_set_unreadable(out, "is larger than is accepted");
    } else if (answer->problem) {
        out->kind = AGENT_TROUBLE_AWAY;
        snprintf(out->why, sizeof(out->why), "%s", answer->problem);
        out->remedy = agent_remedy_find(failure);
    } else if (answer->status != 200) {
        read_status(answer, failure, token_problem, out);
    }
    return out->kind == AGENT_TROUBLE_NONE;
}

void agent_trouble_set_unreadable(struct agent_trouble *out, const char *what)
{
    out->kind = AGENT_TROUBLE_UNREADABLE;
    snprintf(out->why, sizeof(out->why), "its answer %s", what);
    out->remedy = agent_remedy_of_status(0, "");
}

bool agent_trouble_is_final(const struct agent_trouble *trouble)
{
    return trouble->kind == AGENT_TROUBLE_DENIED || trouble->kind == AGENT_TROUBLE_UNREADABLE ||
           trouble->kind == AGENT_TROUBLE_REFUSED;
}
