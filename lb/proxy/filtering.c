#include "lb/proxy/filtering.h"

#include <stdio.h>

#include "lb/proxy/client_address.h"
#include "lb/proxy/redirecting.h"
#include "lb/proxy/retargeting.h"
#include "lb/proxy/securing.h"
#include "lb/proxy/sign_in.h"
#include "lb/proxy/telling.h"

/* ---- the steps ------------------------------------------------------------------------------- */

static enum err check_address(struct exchange *exchange, const struct treatment *treatment)
{
    struct address client;
    if (treatment->allow.count == 0 && treatment->deny.count == 0)
        return ERR_OK;
    client_address_find(exchange, &client);
    return treatment_admits(treatment, &client) ? ERR_OK : ERR_FORBIDDEN;
}

/* A request counts once, however often it is asked where it goes. */
static enum err check_rate(struct exchange *exchange, const struct treatment *treatment)
{
    struct env *env = exchange->env;
    struct address client;
    char seconds[16];
    if (treatment->rate.count == 0 || exchange_is(exchange, EXCHANGE_IS_COUNTED) ||
        !env->options.rates)
        return ERR_OK;
    client_address_find(exchange, &client);
    struct rate_limit limit = rate_table_limit(&treatment->rate, treatment->rate_number);
    unsigned wait_s = rate_table_take(env->options.rates, &limit, &client, loop_mono_ns(env->loop));
    exchange->facts |= EXCHANGE_IS_COUNTED;
    if (wait_s == 0)
        return ERR_OK;
    snprintf(seconds, sizeof(seconds), "%u", wait_s);
    telling_add(exchange, VIEW("Retry-After"), view_str(seconds));
    return ERR_RATE;
}

enum err filtering_admit(struct exchange *exchange, const struct treatment *treatment)
{
    enum err err = ERR_OK;
    exchange->attempt.treatment = treatment;
    if (treatment->https.refuses_missing && !exchange->env->tls_server)
        err = securing_admit(exchange, treatment);
    if (!err)
        err = check_address(exchange, treatment);
    if (!err)
        err = check_rate(exchange, treatment);
    if (!err && treatment->redirect)
        err = redirecting_find(exchange, treatment->redirect);
    if (!err && treatment->auth)
        err = sign_in_check(exchange, treatment->auth);
    return err;
}

static void edit_fields(struct exchange *exchange)
{
    const struct treatment_edits *edits = &exchange_treatment(exchange)->request_edits;
    const struct head_edit edit = {.cut_names = edits->cut_names,
                                   .cut_count = edits->cut_count,
                                   .cuts_alike = true,
                                   .lines = edits->lines};
    struct view head = block_view(exchange->outgoing.head);
    if (!edits->are_given)
        return;
    struct block *edited = block_take(&exchange->env->loop->blocks, head.len + edit.lines.len);
    head_edit_write(&edit, head, edited);
    retargeting_take_head(exchange, edited);
}

/* Who has signed in is told first: an edit may say otherwise. */
void filtering_edit_request(struct exchange *exchange)
{
    const struct treatment *treatment = exchange_treatment(exchange);
    if (treatment->auth)
        sign_in_edit_request(exchange, treatment->auth);
    edit_fields(exchange);
}

void filtering_edit_answer(const struct exchange *exchange)
{
    const struct treatment_edits *edits = &exchange_treatment(exchange)->response_edits;
    if (edits->are_given)
        front_edit_head(exchange->front, &(struct head_edit){.cut_names = edits->cut_names,
                                                             .cut_count = edits->cut_count,
                                                             .lines = edits->lines});
}

void filtering_forget(struct exchange *exchange)
{
    struct block_pool *blocks = &exchange->env->loop->blocks;
    exchange->attempt.treatment = NULL;
    sign_in_end(exchange);
    telling_forget(exchange);
    if (!exchange->asked)
        return;
    block_give(blocks, exchange->outgoing.head);
    exchange->outgoing.head = exchange->asked;
    exchange->asked = NULL;
}
