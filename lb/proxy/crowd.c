#include "lb/proxy/crowd.h"

#include "lb/proxy/client.h"

static struct client *client_of(struct list *node)
{
    return list_entry(node, struct client, node);
}

static void end_idle(struct client *client)
{
    struct env *env = client->env;
    unsigned most_ms = env->options.idle_timeout_ms;
    if (client->request_count > 0)
        client_linger(client);
    else
        deadline_arm(&env->loop->deadlines, &client->deadline,
                     most_ms < CROWD_FIRST_REQUEST_MS ? most_ms : CROWD_FIRST_REQUEST_MS);
}

void crowd_drain(struct env *env)
{
    if (env->is_draining)
        return; /* who has finished since then has been ended, and who asks for the first time may
                 */
    env->is_leaving = true;
    env->is_draining = true;
    list_for_each_safe (node, &env->idle_clients)
        end_idle(client_of(node));
}

void crowd_close(struct env *env)
{
    while (!list_is_empty(&env->idle_clients))
        client_close(client_of(env->idle_clients.next));
    while (!list_is_empty(&env->busy_clients))
        client_leave(client_of(env->busy_clients.next), ERR_SHUTDOWN);
}
