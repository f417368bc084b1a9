#include "lb/front/crowd.h"

#include "lb/front/guest.h"
#include "lb/front/h1_client.h"
#include "lb/front/h1_handshake.h"

#define KEPT_CLIENTS 4096u

void crowd_init(struct crowd *crowd, struct loop *loop, struct metrics *metrics,
                struct slab *parsers)
{
    *crowd = (struct crowd){.loop = loop, .metrics = metrics, .parsers = parsers};
    list_init(&crowd->idle_clients);
    list_init(&crowd->busy_clients);
    list_init(&crowd->shaking_clients);
    list_init(&crowd->queued_clients);
    list_init(&crowd->guests);
    loop_task_init(&crowd->handshake_turn, h1_handshake_take_turns);
    slab_init(&crowd->client_slab, sizeof(struct h1_client), KEPT_CLIENTS);
}

void crowd_configure(struct crowd *crowd, const struct front_options *options)
{
    crowd->options = *options;
    parser_setup_init(&crowd->request_setup, PARSER_REQUEST, &options->limits);
    crowd->request_setup.held_bytes = &crowd->loop->blocks.used_bytes;
}

void crowd_fini(struct crowd *crowd)
{
    slab_fini(&crowd->client_slab);
}

/* ---- the end -------------------------------------------------------------------------------- */

static struct h1_client *client_of(struct list *node)
{
    return list_entry(node, struct h1_client, node);
}

static struct guest *guest_of(struct list *node)
{
    return list_entry(node, struct guest, node);
}

static void end_idle(struct h1_client *client)
{
    struct crowd *crowd = client->front.crowd;
    unsigned most_ms = crowd->options.idle_timeout_ms;
    if (client->request_count > 0)
        h1_client_linger(client);
    else
        deadline_arm(&crowd->loop->deadlines, &client->deadline,
                     most_ms < CROWD_FIRST_REQUEST_MS ? most_ms : CROWD_FIRST_REQUEST_MS);
}

void crowd_drain(struct crowd *crowd)
{
    if (crowd->is_draining)
        return; /* who has finished since then has been ended, and who asks for the first time may
                 */
    crowd->is_leaving = true;
    crowd->is_draining = true;
    list_for_each_safe (node, &crowd->idle_clients)
        end_idle(client_of(node));
}

/* ---- cut off -------------------------------------------------------------------------------- */

/* Who has not been answered yet is told so. */
static void cut(struct h1_client *client, enum err why)
{
    bool has_answer_waiting = stream_waiting_bytes(&client->stream) > 0;
    if (client->state == H1_CLIENT_READING_HEAD)
        h1_client_refuse(client, why);
    else if (client->front.exchange && !has_answer_waiting)
        client->front.handler->on_bad_body(client->front.exchange, why);
    else
        h1_client_leave(client, why);
}

void crowd_close(struct crowd *crowd)
{
    crowd->is_leaving = true; /* or one that is told so goes on to be idle */
    while (!list_is_empty(&crowd->idle_clients))
        h1_client_close(client_of(crowd->idle_clients.next));
    list_for_each_safe (node, &crowd->busy_clients)
        cut(client_of(node), ERR_SHUTDOWN);
    while (!list_is_empty(&crowd->busy_clients))
        h1_client_leave(client_of(crowd->busy_clients.next), ERR_SHUTDOWN);
    while (!list_is_empty(&crowd->queued_clients))
        h1_client_close(client_of(crowd->queued_clients.next));
    while (!list_is_empty(&crowd->shaking_clients))
        h1_client_close(client_of(crowd->shaking_clients.next));
    while (!list_is_empty(&crowd->guests)) {
        struct guest *guest = guest_of(crowd->guests.next);
        guest->handler->on_cut(guest, ERR_SHUTDOWN);
    }
}

/* ---- too much waits ------------------------------------------------------------------------- */

#define SIZE_CLASSES 64u /* powers of two */

static unsigned class_of(size_t bytes)
{
    unsigned power = 0;
    while (bytes >>= 1)
        power++;
    return power;
}

/* Bytes that wait because of it. */
static size_t held_by(const struct h1_client *client)
{
    size_t held = stream_waiting_bytes(&client->stream);
    if (client->held)
        held += client->held->capacity;
    if (client->answer.head)
        held += client->answer.head->capacity;
    if (client->parser)
        held += client->parser->held_bytes;
    return held +
           (client->front.exchange ? client->front.handler->count_held(client->front.exchange) : 0);
}

/* Whether it is to be cut; takes what it holds from what is wanted. */
static bool is_chosen(size_t held, unsigned power, size_t *wanted_bytes)
{
    if (*wanted_bytes == 0 || held == 0 || class_of(held) != power)
        return false;
    *wanted_bytes -= held < *wanted_bytes ? held : *wanted_bytes;
    return true;
}

/* Cuts those of the class until so many bytes come free; gives how many clients. */
static unsigned cut_class(struct crowd *crowd, unsigned power, size_t *wanted_bytes)
{
    unsigned count = 0;
    list_for_each_safe (node, &crowd->busy_clients) {
        struct h1_client *client = client_of(node);
        if (!is_chosen(held_by(client), power, wanted_bytes))
            continue;
        cut(client, ERR_NO_MEMORY);
        count++;
    }
    list_for_each_safe (node, &crowd->guests) {
        struct guest *guest = guest_of(node);
        if (!is_chosen(guest->handler->count_held(guest), power, wanted_bytes))
            continue;
        guest->handler->on_cut(guest, ERR_NO_MEMORY);
        count++;
    }
    return count;
}

/* What is cut is free only when the loop has closed it, so it is counted here. */
bool crowd_relieve(struct crowd *crowd)
{
    const struct block_pool *blocks = &crowd->loop->blocks;
    size_t wanted = blocks->used_bytes - blocks->max_bytes + blocks->max_bytes / 8;
    unsigned count = 0;
    for (unsigned power = SIZE_CLASSES; power-- > 0 && wanted > 0;)
        count += cut_class(crowd, power, &wanted);
    if (crowd->on_full && count > 0)
        crowd->on_full();
    return count > 0;
}
