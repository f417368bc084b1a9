#include "discovery/consul/agent_remedy.h"

#include <errno.h>
#include <string.h>

#define LOG "its own log tells why (consul monitor)."

static const char *find_for_connect(int os_error)
{
    switch (os_error) {
    case ECONNREFUSED:
        return "Nothing listens there: start the agent, or name another place with --register, "
               "--consul or "
               "CONSUL_HTTP_ADDR.";
    case ENOENT:
        return "There is no such socket: is the path right (--consul, --register, "
               "CONSUL_HTTP_ADDR), and does "
               "the agent have addresses { http = \"unix:///PATH\" }?";
    case EACCES:
    case EPERM:
        return "This user may not use that socket: see unix_sockets { group, mode } of the agent.";
    default:
        return "Is the address right (--consul, --register, CONSUL_HTTP_ADDR), and can it be "
               "reached from here?";
    }
}

const char *agent_remedy_of_status(int status, const char *sample)
{
    switch (status) {
    case 401:
    case 403:
        return "Consul does not take the token for this: correct CONSUL_HTTP_TOKEN, or the file "
               "that "
               "CONSUL_HTTP_TOKEN_FILE names; its policy needs node_prefix \"\" { policy = "
               "\"read\" } and "
               "service_prefix \"\" { policy = \"read\" }, for --register \"write\".";
    case 429:
    case 503:
        return "The agent takes no more questions, and is asked less often for a while: raise "
               "limits.http_max_conns_per_client or the limits of requests in its configuration.";
    default:
        break;
    }
    if (status == 400 && strstr(sample, "HTTPS"))
        return "It speaks TLS there: use https:// or consul-tls://.";
    if (status == 500 && strstr(sample, AGENT_REMEDY_NO_LEADER))
        return "More than half of Consul's servers must run and reach each other (consul operator "
               "raft "
               "list-peers).";
    return status >= 500 ? "The agent is in trouble; " LOG
                         : "Is it an agent of Consul that answers there (--consul, --register)?";
}

const char *agent_remedy_find(const struct fetch_failure *failure)
{
    switch (failure->kind) {
    case FETCH_NOT_CONNECTED:
        return find_for_connect(failure->os_error);
    case FETCH_NOT_RESOLVED:
        return "Is the name right (--consul, --register, CONSUL_HTTP_ADDR), and does the resolver "
               "know it?";
    case FETCH_TIMED_OUT:
        return "The agent took the connection and says nothing; " LOG;
    case FETCH_NOT_HTTP:
        return "What answers there does not speak HTTP; for TLS the URL begins with https:// or "
               "consul-tls://.";
    case FETCH_NOT_TRUSTED:
        return "Give the authority of the agent's certificate (CONSUL_CACERT), its name where it "
               "is another one "
               "(CONSUL_TLS_SERVER_NAME), and a certificate of lb's where the agent asks for one "
               "(CONSUL_CLIENT_CERT, CONSUL_CLIENT_KEY).";
    case FETCH_REFUSED:
        return agent_remedy_of_status(failure->status, failure->sample);
    case FETCH_FINE:
    case FETCH_CUT_OFF:
        break;
    }
    return "The agent is asked again in a moment; if this stays, " LOG;
}
