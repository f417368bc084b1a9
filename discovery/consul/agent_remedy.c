#include "discovery/consul/agent_remedy.h"

#include <errno.h>
#include <string.h>

static const char *find_for_connect(int os_error)
{
    switch (os_error) {
    case ECONNREFUSED:
        return "Nothing listens there: start the agent, or name another place with --register or "
               "CONSUL_HTTP_ADDR.";
    case ENOENT:
        return "There is no such socket: is the path right (--register, CONSUL_HTTP_ADDR), and "
               "does the agent have "
               "addresses { http = \"unix:///PATH\" }?";
    case EACCES:
    case EPERM:
        return "This user may not use that socket: see unix_sockets { group, mode } of the agent.";
    default:
        return "Is the address right (--register, CONSUL_HTTP_ADDR), and can it be reached from "
               "here?";
    }
}

static const char *find_for_status(const struct fetch_failure *failure)
{
    switch (failure->status) {
    case 400:
        return strstr(failure->sample, "HTTPS")
                   ? "It speaks TLS there: use https:// or consul-tls://."
                   : "Is it an agent of Consul that answers there?";
    case 401:
    case 403:
        return "Consul does not take the token: correct CONSUL_HTTP_TOKEN, or the file that "
               "CONSUL_HTTP_TOKEN_FILE names; it needs service_prefix \"\" { policy = \"write\" }.";
    case 404:
        return "What answers there is no agent of Consul.";
    case 429:
        return "It is asked less often for a while.";
    default:
        return "The agent is in trouble; its own log tells why (consul monitor).";
    }
}

const char *agent_remedy_find(const struct fetch_failure *failure)
{
    switch (failure->kind) {
    case FETCH_NOT_CONNECTED:
        return find_for_connect(failure->os_error);
    case FETCH_NOT_RESOLVED:
        return "Is the name right (--register, CONSUL_HTTP_ADDR), and does the resolver know it?";
    case FETCH_TIMED_OUT:
        return "The agent took the connection and says nothing; its own log tells why, and "
               "restarting it helps.";
    case FETCH_NOT_HTTP:
        return "What answers there does not speak HTTP; for TLS the URL begins with https:// or "
               "consul-tls://.";
    case FETCH_NOT_TRUSTED:
        return "See CONSUL_CACERT, CONSUL_CLIENT_CERT, CONSUL_CLIENT_KEY and "
               "CONSUL_TLS_SERVER_NAME.";
    case FETCH_REFUSED:
        return find_for_status(failure);
    case FETCH_FINE:
    case FETCH_CUT_OFF:
        break;
    }
    return "It is asked again in a moment; if this stays, the agent's own log tells why (consul "
           "monitor).";
}
