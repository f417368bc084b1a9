#include "lb/proxy/passage_opening.h"

#include "lb/front/preface.h"
#include "lb/proxy/passage_aim.h"

void passage_opening_keep(struct passage *passage, struct view bytes)
{
    struct block_pool *blocks = &passage->env->loop->blocks;
    struct block *early = passage->early;
    if (!early || block_room(early) < bytes.len) {
        size_t len = early ? early->len : 0;
        struct block *larger = block_take(blocks, len + bytes.len);
        if (early)
            block_append(larger, block_view(early));
        block_give(blocks, early);
        passage->early = early = larger;
    }
    block_append(early, bytes);
}

static struct view early_of(const struct passage *passage)
{
    return passage->early ? block_view(passage->early) : view_of(NULL, 0);
}

static void drop_first(struct block *early, size_t len)
{
    memmove(early->bytes, early->bytes + len, early->len - len);
    early->len -= len;
}

/* Who asks is known: it counts as one of its client's. */
static enum err present(struct passage *passage, const struct address *client)
{
    passage->awaits_preface = false;
    return guest_present(&passage->guest, client);
}

/* False: more of it is to come. */
static bool read_preface(struct passage *passage, enum err *err)
{
    struct preface preface;
    switch (preface_read(early_of(passage), &passage->guest.peer.address, &preface)) {
    case PREFACE_MORE:
        return false;
    case PREFACE_WRONG:
        *err = ERR_PROXY_HEADER;
        return true;
    case PREFACE_DONE:
        break;
    }
    passage->reached = preface.reached;
    if (preface.len > 0)
        drop_first(passage->early, preface.len);
    *err = present(passage, &preface.client);
    return true;
}

static bool read_hello(struct passage *passage, enum err *err)
{
    struct client_hello *hello = slab_take(&passage->env->hello_slab);
    enum client_hello_result result =
        client_hello_read(&passage->progress, early_of(passage), hello);
    if (result == CLIENT_HELLO_DONE)
        passage->hello = hello;
    else
        slab_give(&passage->env->hello_slab, hello);
    if (result == CLIENT_HELLO_WRONG)
        *err = ERR_CLIENT_HELLO;
    return result != CLIENT_HELLO_MORE;
}

bool passage_opening_read(struct passage *passage, enum err *err)
{
    *err = ERR_OK;
    if (passage->awaits_preface && (!read_preface(passage, err) || *err))
        return *err;
    if (passage->awaits_hello && !read_hello(passage, err))
        return false;
    passage->awaits_hello = false;
    return true;
}

/* A header that is missing may be missing of a probe of one's own. */
enum err passage_opening_give_up(struct passage *passage)
{
    const struct address *peer = &passage->guest.peer.address;
    passage->awaits_hello = false;
    if (!passage->awaits_preface)
        return ERR_OK;
    return address_is_loopback(peer) && !passage->early ? present(passage, peer) : ERR_PROXY_HEADER;
}
