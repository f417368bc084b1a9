#include "lb/http/meaning.h"

#include "lb/http/authority.h"
#include "lb/http/connection.h"
#include "lb/http/framing.h"

static bool takes_trailers(const struct head *head)
{
    struct head_list list = {.head = head, .id = FIELD_TE};
    struct view element;
    while (head->field_at[FIELD_TE] && head_list_next(&list, &element))
        if (view_eq_nocase(element, VIEW("trailers")))
            return true;
    return false;
}

static bool has_protocol(const struct head *head)
{
    struct head_list list = {.head = head, .id = FIELD_UPGRADE};
    struct view protocol;
    return head->field_at[FIELD_UPGRADE] && head_next_protocol(&list, &protocol);
}

static enum err check_host(const struct head *head)
{
    const struct field *host = head_find(head, FIELD_HOST);
    if (!host)
        return head->minor_version == 1 ? ERR_HOST : ERR_OK;
    if (head_has_several(head, FIELD_HOST) || !authority_is_valid(head_field_value(head, host)))
        return ERR_HOST;
    return ERR_OK;
}

/* Counts only for OPTIONS and TRACE; what is no number is ignored. */
static void read_max_forwards(struct head *head)
{
    const struct field *field = head_find(head, FIELD_MAX_FORWARDS);
    uint64_t value;
    head->has_max_forwards =
        field && (head_is_method(head, VIEW("OPTIONS")) || head_is_method(head, VIEW("TRACE"))) &&
        view_parse_u64(head_field_value(head, field), UINT32_MAX, &value);
    head->max_forwards = head->has_max_forwards ? (unsigned)value : 0;
}

enum err meaning_of_request(struct head *head)
{
    enum err err = check_host(head);
    if (!err)
        err = framing_of_request(head);
    bool upgrade = false;
    if (!err)
        err = connection_read(head, &upgrade);
    if (err)
        return err;
    head->wants_upgrade = upgrade && head->minor_version == 1 && has_protocol(head);
    read_max_forwards(head);
    head->takes_trailers = takes_trailers(head);
    const struct field *expect = head_find(head, FIELD_EXPECT);
    head->expects_continue = false;
    if (expect && head->minor_version == 1) {
        if (!view_eq_nocase(head_field_value(head, expect), VIEW("100-continue")) ||
            head_has_several(head, FIELD_EXPECT))
            return ERR_EXPECT;
        head->expects_continue = head->framing != FRAMING_NONE;
    }
    return ERR_OK;
}

enum err meaning_of_response(struct head *head, bool to_head_request)
{
    bool upgrade;
    enum err err = framing_of_response(head, to_head_request);
    if (!err)
        err = connection_read(head, &upgrade);
    if (err)
        return err;
    head->expects_continue = false;
    head->wants_upgrade = false;
    if (head->framing == FRAMING_CLOSE)
        head->is_keep_alive = false;
    return ERR_OK;
}
