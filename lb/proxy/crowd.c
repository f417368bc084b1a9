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

/* ---- cut off ----------------------------------------------------------------------------------
 */

/* Who has not been answered yet is told so. */
static void cut(struct client *client, enum err why)
{
    bool has_answer_waiting = stream_waiting_bytes(&client->stream) > 0;
    if (client->state == CLIENT_READING_HEAD)
        client_refuse(client, why);
    else if (client->exchange && !has_answer_waiting)
        client->handler->on_bad_body(client->exchange, why);
    else
        client_leave(client, why);
}

void crowd_close(struct env *env)
{
    env->is_leaving = true; /* or one that is told so goes on to be idle */
    while (!list_is_empty(&env->idle_clients))
        client_close(client_of(env->idle_clients.next));
    list_for_each_safe (node, &env->busy_clients)
        cut(client_of(node), ERR_SHUTDOWN);
    while (!list_is_empty(&env->busy_clients))
        client_leave(client_of(env->busy_clients.next), ERR_SHUTDOWN);
}

/* ---- too much waits ---------------------------------------------------------------------------
 */

#define SIZE_CLASSES 64u /* powers of two */

static unsigned class_of(size_t bytes)
{
    unsigned power = 0;
    while (bytes >>= 1)
        power++;
    return power;
}

/* Bytes that wait because of it. */
static size_t held_by(const struct client *client)
{
    size_t held = stream_waiting_bytes(&client->stream);
    if (client->held)
        held += client->held->capacity;
    if (client->parser)
        held += client->parser->held_bytes;
    return held + (client->exchange ? client->handler->count_held(client->exchange) : 0);
}

/* Cuts those of the class until so many bytes come free; gives how many clients. */
static unsigned cut_class(struct env *env, unsigned power, size_t *wanted_bytes)
{
    unsigned count = 0;
    list_for_each_safe (node, &env->busy_clients) {
        struct client *client = client_of(node);
        size_t held = held_by(client);
        if (held == 0 || class_of(held) != power)
            continue;
        cut(client, ERR_NO_MEMORY);
        count++;
        if (held >= *wanted_bytes) {
            *wanted_bytes = 0;
            return count;
        }
        *wanted_bytes -= held;
    }
    return count;
}

/* What is cut is free only when the loop has closed it, so it is counted here. */
bool crowd_relieve(struct env *env)
{
    const struct block_pool *blocks = &env->loop->blocks;
    size_t wanted = blocks->used_bytes - blocks->max_bytes + blocks->max_bytes / 8;
    unsigned count = 0;
    for (unsigned power = SIZE_CLASSES; power-- > 0 && wanted > 0;)
        count += cut_class(env, power, &wanted);
    if (env->on_full && count > 0)
        env->on_full();
    return count > 0;
}
