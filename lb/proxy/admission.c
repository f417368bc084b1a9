#include "lb/proxy/admission.h"

static void note_peer(struct client *client)
{
    const struct env_options *options = &client->env->options;
    if (!stream_peer(&client->stream, &client->peer))
        client->peer = (struct address){.socket.any.sa_family = AF_INET};
    client->ip_len = (unsigned char)strlen(address_format_ip(&client->peer, client->ip));
    for (unsigned i = 0; i < options->trusted_count && !client->is_trusted; i++)
        client->is_trusted = cidr_contains(&options->trusted[i], &client->peer);
}

/* Room for one more: the client that has been idle for the longest gives way. False: all are busy.
 */
static bool make_room(struct env *env)
{
    if (env->client_count <= env->options.max_client_count)
        return true;
    struct client *longest = list_entry(env->idle_clients.next, struct client, node);
    if (longest->node.next == &env->idle_clients)
        return false; /* only the new one is idle */
    client_close(longest);
    return true;
}

enum err admission_enter(struct client *client)
{
    struct env *env = client->env;
    note_peer(client);
    if (!make_room(env))
        return ERR_TOO_MANY;
    client->has_quota = env->options.quota && quota_take(env->options.quota, &client->peer);
    return env->options.quota && !client->has_quota ? ERR_TOO_MANY_OF_CLIENT : ERR_OK;
}

void admission_leave(struct client *client)
{
    if (client->has_quota)
        quota_give(client->env->options.quota, &client->peer);
}
