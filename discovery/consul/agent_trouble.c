#include "discovery/consul/agent_trouble.h"

#include <stdio.h>
#include <string.h>

static const char denied[] =
    "Give lb a token (CONSUL_HTTP_TOKEN or CONSUL_HTTP_TOKEN_FILE) whose policy has service_prefix "
    "\"\" { policy = \"read\" } and node_prefix \"\" { policy = \"read\" }.";

static const char *remedy_of_end(enum fetch_end kind)
{
    switch (kind) {
    case FETCH_NOT_CONNECTED:
        return "Does the agent run there (consul members), and is the address right (--consul, "
               "CONSUL_HTTP_ADDR)?";
    case FETCH_NOT_RESOLVED:
        return "Is the name right (--consul, CONSUL_HTTP_ADDR), and does the resolver know it?";
    case FETCH_NOT_HTTP:
        return "What answers there does not speak HTTP as an agent does: give its HTTP port, and "
               "https:// where it wants TLS.";
    case FETCH_NOT_TRUSTED:
        return "Give the authority of the agent's certificate (CONSUL_CACERT), its name where it "
               "is "
               "another one (CONSUL_TLS_SERVER_NAME), and a certificate of lb's where the agent "
               "asks "
               "for one (CONSUL_CLIENT_CERT, CONSUL_CLIENT_KEY).";
    case FETCH_TIMED_OUT:
        return "The agent took the connection and says nothing: its log tells why (consul "
               "monitor).";
    default:
        return "The agent is asked again in a moment; if this stays, its log tells why (consul "
               "monitor).";
    }
}

static void read_status(const struct fetch_answer *answer, const struct fetch_failure *failure,
                        const char *token_problem, struct agent_trouble *out)
{
    int status = answer->status;
    snprintf(out->why, sizeof(out->why), "it answers with status %d%s%.160s", status,
             failure->sample[0] != '\0' ? ": " : "", failure->sample);
    if (status == 401 || status == 403) {
        out->kind = AGENT_TROUBLE_DENIED;
        out->remedy = denied;
        if (token_problem[0] != '\0')
            snprintf(out->why, sizeof(out->why), "it answers with status %d; %.250s", status,
                     token_problem);
    } else if (status == 429 || status == 503) {
        out->kind = AGENT_TROUBLE_BUSY;
        out->remedy =
            "The agent takes no more questions: raise limits.http_max_conns_per_client or "
            "the limits of requests in its configuration.";
    } else if (status == 500 && strstr(failure->sample, "No cluster leader")) {
        out->kind = AGENT_TROUBLE_NO_LEADER;
        out->remedy = "More than half of Consul's servers must run and reach each other (consul "
                      "operator raft list-peers).";
    } else {
        out->kind = status >= 500 ? AGENT_TROUBLE_FAULT : AGENT_TROUBLE_REFUSED;
        out->remedy = status >= 500 ? "Its log tells why (consul monitor)."
                                    : "Is there an agent of Consul at that address (--consul)?";
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
        out->remedy = remedy_of_end(failure->kind);
    } else if (answer->status != 200) {
        read_status(answer, failure, token_problem, out);
    }
    return out->kind == AGENT_TROUBLE_NONE;
}

void agent_trouble_set_unreadable(struct agent_trouble *out, const char *what)
{
    out->kind = AGENT_TROUBLE_UNREADABLE;
    snprintf(out->why, sizeof(out->why), "its answer %s", what);
    out->remedy = "Is there an agent of Consul at that address (--consul)?";
}

bool agent_trouble_is_final(const struct agent_trouble *trouble)
{
    return trouble->kind == AGENT_TROUBLE_DENIED || trouble->kind == AGENT_TROUBLE_UNREADABLE ||
           trouble->kind == AGENT_TROUBLE_REFUSED;
}
