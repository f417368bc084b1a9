#include "lb/admin/url_verdict.h"

#include <stdio.h>

#include "lb/admin/route_words.h"
#include "lb/base/edits.h"
#include "lb/route/relocation.h"
#include "lb/route/swapping.h"

static void list(struct url_verdict_rules *rules, uint32_t number)
{
    if (rules->count < URL_VERDICT_LISTED_MAX)
        rules->numbers[rules->count] = number;
    rules->count++;
}

/* ---- the others that hold --------------------------------------------------------------------- */

static bool comes_before(const struct rule *rule, const struct rule *other)
{
    enum rule_why why;
    return rule_order(rule, other, &why) < 0;
}

/* Ranks count only among the ranked: the first of these and the first of the others, and then the
 * better one, as the table has it. */
static void take_next(struct url_verdict *verdict, uint32_t number, uint32_t *ranked,
                      uint32_t *unranked)
{
    uint32_t *first = number < verdict->table->ranked_count ? ranked : unranked;
    if (*first == ROUTE_TABLE_NONE)
        *first = number;
}

static void take_better(struct url_verdict *verdict, uint32_t ranked, uint32_t unranked)
{
    const struct rule *const *rules = verdict->table->rules;
    verdict->next = ranked;
    if (ranked == ROUTE_TABLE_NONE ||
        (unranked != ROUTE_TABLE_NONE && comes_before(rules[unranked], rules[ranked])))
        verdict->next = unranked;
}

static bool looks_at_client(const struct route *route)
{
    for (unsigned i = 0; i < route->condition_count; i++)
        if (route->conditions[i].kind == ROUTE_CLIENT)
            return true;
    return false;
}

/* Of the routes for that host and path, whichever holds. */
static void note_client(struct url_verdict *verdict, const struct question *question)
{
    for (uint32_t i = 0; i < verdict->table->count && !verdict->depends_on_client; i++) {
        struct rule without = *verdict->table->rules[i];
        without.condition_count = 0;
        verdict->depends_on_client =
            looks_at_client(&without.route) && rule_holds(&without, question) != TRUTH_NO;
    }
}

static void find_others(struct url_verdict *verdict, const struct question *question)
{
    const struct rule *const *rules = verdict->table->rules;
    const struct route *winner = &rules[verdict->winner]->route;
    uint32_t ranked = ROUTE_TABLE_NONE, unranked = ROUTE_TABLE_NONE;
    for (uint32_t i = 0; i < verdict->table->count; i++) {
        if (i == verdict->winner || rule_holds(rules[i], question) == TRUTH_NO)
            continue;
        bool is_same = route_does_the_same(&rules[i]->route, winner);
        bool is_alike = route_is_alike(&rules[i]->route, winner);
        if (is_alike && is_same)
            verdict->alike_count++;
        else if (is_alike)
            list(&verdict->overruled, i);
        if (!is_alike || !is_same)
            take_next(verdict, i, &ranked, &unranked);
    }
    take_better(verdict, ranked, unranked);
}

/* ---- where none holds ------------------------------------------------------------------------- */

static bool host_holds(const struct rule *rule, const struct question *question)
{
    struct rule of_host = *rule;
    of_host.path_class = RULE_PATH_ANY;
    of_host.condition_count = 0;
    return rule_holds(&of_host, question) != TRUTH_NO;
}

/* NULL: its path does not hold. */
static const struct route_condition *find_fault(const struct rule *rule,
                                                const struct question *question)
{
    struct rule without = *rule;
    without.condition_count = 0;
    if (rule_holds(&without, question) == TRUTH_NO)
        return NULL;
    for (unsigned i = 0; i < rule->condition_count; i++)
        if (condition_holds(&rule->conditions[i], question) == TRUTH_NO)
            return &rule->route.conditions[i];
    return NULL;
}

static void note_spelling(struct url_verdict *verdict, const struct rule *rule, struct view host,
                          size_t *best)
{
    size_t longer = host.len > rule->host.len ? host.len : rule->host.len;
    if (rule->host_class != RULE_HOST_EXACT || longer - host.len > 2 || longer - rule->host.len > 2)
        return;
    size_t edits = edits_between(host, rule->host);
    if (edits >= *best || edits > 2)
        return;
    *best = edits;
    verdict->nearest_host = rule->host;
}

static void find_near(struct url_verdict *verdict, const struct question *question)
{
    size_t best = SIZE_MAX;
    for (uint32_t i = 0; i < verdict->table->count; i++) {
        const struct rule *rule = verdict->table->rules[i];
        if (host_holds(rule, question)) {
            if (verdict->near.count < URL_VERDICT_LISTED_MAX)
                verdict->near_faults[verdict->near.count] = find_fault(rule, question);
            list(&verdict->near, i);
        } else {
            note_spelling(verdict, rule, question->host, &best);
        }
    }
}

/* ---- what is done to the path ----------------------------------------------------------------- */

static void append_escaped(struct view path, struct text *out)
{
    char *room = text_room(out, url_path_escape_bound(path));
    text_grow_to(out, url_path_escape(path, room));
}

static bool is_for_slash(const struct rule *rule, const struct question *question)
{
    return rule->strip.ptr[rule->strip.len - 1] != '/' && rule->path_class != RULE_PATH_EXACT &&
           !(rule->treatment && rule->treatment->swap) && rule->path_class != RULE_PATH_REGEX &&
           (view_eq(question->method, VIEW("GET")) || view_eq(question->method, VIEW("HEAD")));
}

/* What is cut may end within a segment, as /app of /app../x. */
static bool leads_up(struct view rest)
{
    return view_starts_with(rest, VIEW("..")) && (rest.len == 2 || strchr("/;%", rest.ptr[2]));
}

/* As lb/proxy does it, as the two that follow. */
static void edit(struct url_verdict *verdict, const struct rule *rule,
                 const struct url_question *question, struct view path)
{
    struct view rest = path, added = rule->add;
    bool is_cut = rule->strip.len > 0 && view_starts_with(rest, rule->strip);
    if (is_cut)
        rest = view_skip(rest, rule->strip.len);
    if (is_cut && rest.len == 0 && is_for_slash(rule, &question->question)) {
        verdict->status = 308;
        return;
    }
    if (leads_up(rest)) {
        verdict->status = 400;
        verdict->target = NULL;
        return;
    }
    bool has_slash = rest.len > 0 && rest.ptr[0] == '/';
    bool ends_in_slash = added.len > 0 && added.ptr[added.len - 1] == '/';
    if (has_slash && ends_in_slash)
        rest = view_skip(rest, 1);
    append_escaped(added, &verdict->sent);
    if (!has_slash && !ends_in_slash)
        text_append_char(&verdict->sent, '/');
    append_escaped(rest, &verdict->sent);
    verdict->prefix = is_cut ? rule->strip : VIEW("");
}

static void doubt(struct url_verdict *verdict, unsigned status)
{
    verdict->is_in_doubt = status == (unsigned)err_status(ERR_IN_DOUBT);
    verdict->status = status;
    verdict->target = NULL;
}

static void swap_and_edit(struct url_verdict *verdict, const struct rule *rule,
                          const struct url_question *question)
{
    static const unsigned statuses[] = {
        [SWAPPING_IN_DOUBT] = 503, [SWAPPING_REFUSED] = 400, [SWAPPING_TOO_LONG] = 414};
    struct text room = TEXT_INIT;
    struct view path;
    enum swapping_way way =
        swapping_find(rule->treatment->swap, question->question.path, question->question.scratch,
                      text_room(&room, SWAPPING_ROOM_BYTES), &path);
    if (way == SWAPPING_MADE)
        edit(verdict, rule, question, path);
    else
        doubt(verdict, statuses[way]);
    text_fini(&room);
}

static void edit_path(struct url_verdict *verdict, const struct rule *rule,
                      const struct url_question *question)
{
    if (question->path.ptr[0] != '/')
        return;
    if (rule->treatment && rule->treatment->swap)
        swap_and_edit(verdict, rule, question);
    else if (rule->strip.len > 0 || rule->add.len > 0 || question->change == URL_PATH_MOVED)
        edit(verdict, rule, question, question->question.path);
}

/* ---- who is kept out, or sent elsewhere -------------------------------------------------------- */

static void redirect(struct url_verdict *verdict, const struct treatment_redirect *redirect,
                     unsigned status, const struct url_question *question)
{
    struct text target = TEXT_INIT, room = TEXT_INIT;
    struct view query = question->question.query, location = VIEW("");
    text_append(&target, question->path);
    if (query.len > 0) {
        text_append_char(&target, '?');
        text_append(&target, query);
    }
    const struct relocation of = {.scheme = question->question.scheme,
                                  .host = question->authority,
                                  .target = text_view(&target),
                                  .scratch = question->question.scratch};
    char *at = text_room(&room, relocation_bound(&of));
    switch (relocation_find(redirect, &of, at, &location)) {
    case RELOCATION_NONE:
        break;
    case RELOCATION_MADE:
        verdict->status = status;
        text_append(&verdict->location, location);
        break;
    case RELOCATION_IN_DOUBT:
        doubt(verdict, (unsigned)err_status(ERR_IN_DOUBT));
        break;
    case RELOCATION_UNSAFE:
        doubt(verdict, 400);
        break;
    case RELOCATION_TOO_LONG:
        doubt(verdict, 414);
        break;
    }
    text_fini(&target);
    text_fini(&room);
}

static void redirect_to_https(struct url_verdict *verdict, const struct https_rule *rule,
                              const struct url_question *question)
{
    struct treatment_redirect to = {.to = {.scheme = VIEW("https")}};
    char port[8];
    snprintf(port, sizeof(port), "%u", rule->port);
    if (rule->port != 0 && rule->port != HTTPS_RULE_USUAL_PORT)
        to.to.port = view_str(port);
    redirect(verdict, &to, https_rule_status(rule, question->question.method), question);
    if (verdict->status == 0) /* what who certifies a host looks for */
        verdict->way = URL_HTTPS_SERVED;
}

/* Before all else. False: it is answered so. */
static bool may_come(struct url_verdict *verdict, const struct url_https *https,
                     const struct https_rule *route, const struct url_question *question)
{
    struct https_rule rule;
    verdict->way = url_https_find(https, route, question, &rule);
    if (verdict->way == URL_HTTPS_REDIRECTED)
        redirect_to_https(verdict, &rule, question);
    else if (verdict->way == URL_HTTPS_NO_HTTP || verdict->way == URL_HTTPS_NO_HTTPS)
        verdict->status = (unsigned)err_status(ERR_OTHER_SCHEME);
    return verdict->way == URL_HTTPS_SERVED;
}

/* A client that is not known is let in. */
static void admit(struct url_verdict *verdict, const struct treatment *treatment,
                  const struct url_question *question)
{
    bool looks = treatment->allow.count > 0 || treatment->deny.count > 0;
    verdict->depends_on_client |= looks;
    if (looks && question->question.client &&
        !treatment_admits(treatment, question->question.client)) {
        verdict->status = 403;
        verdict->is_kept_out = true;
    } else if (treatment->redirect) {
        redirect(verdict, treatment->redirect,
                 redirect_status_for(treatment->redirect->to.status, question->question.method),
                 question);
    }
}

/* ---- the verdict ------------------------------------------------------------------------------ */

unsigned url_verdict_count_usable(const struct routes_target *target)
{
    const struct pool_service *service = target->listed;
    unsigned count = 0;
    for (unsigned i = 0; service && i < service->endpoint_count; i++)
        count += pool_may_use(service, service->endpoints[i]);
    return count;
}

static void count_usable(struct url_verdict *verdict)
{
    verdict->usable_count = url_verdict_count_usable(verdict->target);
    if (verdict->usable_count == 0 && verdict->status == 0)
        verdict->status = 503;
}

/* Of several services one that gets some, or that requests wait for. */
static void take_target(struct url_verdict *verdict, const struct pool *pool)
{
    const struct routes *routes = &pool->routes;
    verdict->target = &routes->targets[verdict->table->service_of[verdict->winner]];
    if (verdict->table->rules[verdict->winner]->route.share_count == 0)
        return;
    verdict->group = routes_group(routes, verdict->winner);
    unsigned index = share_ring_pick(&verdict->group->ring, 0);
    if (index != SHARE_RING_NOBODY)
        verdict->target = verdict->group->members[index];
    else if (verdict->group->awaited)
        verdict->target = verdict->group->awaited;
}

static void take_winner(struct url_verdict *verdict, const struct pool *pool,
                        const struct url_https *https, const struct url_question *question)
{
    const struct rule *rule = verdict->table->rules[verdict->winner];
    verdict->is_in_doubt =
        route_table_is_in_doubt(verdict->table, &question->question, verdict->winner);
    if (verdict->is_in_doubt) {
        verdict->status = (unsigned)err_status(ERR_IN_DOUBT);
        return;
    }
    find_others(verdict, &question->question);
    note_client(verdict, &question->question);
    if (!may_come(verdict, https, rule->treatment ? &rule->treatment->https : NULL, question))
        return;
    verdict->status = rule->route.answer_status;
    if (verdict->status > 0)
        return;
    take_target(verdict, pool);
    if (rule->treatment)
        admit(verdict, rule->treatment, question);
    if (verdict->status == 0)
        edit_path(verdict, rule, question);
    if (verdict->target)
        count_usable(verdict);
}

static void take_default(struct url_verdict *verdict, const struct pool *pool,
                         const struct url_https *https, const struct url_question *question)
{
    if (verdict->table)
        find_near(verdict, &question->question);
    enum err unrouted = pool->routes.unrouted;
    if (!unrouted && verdict->table && route_table_knows(verdict->table, &question->question))
        unrouted = ERR_NO_ROUTE;
    if (unrouted) {
        verdict->status = (unsigned)err_status(unrouted);
        return;
    }
    if (!may_come(verdict, https, NULL, question))
        return;
    verdict->target = &pool->routes.otherwise;
    count_usable(verdict);
}

void url_verdict_find(const struct pool *pool, const struct url_https *https,
                      struct url_question *question, struct url_verdict *out)
{
    *out = (struct url_verdict){
        .table = pool->routes.table, .winner = ROUTE_TABLE_NONE, .next = ROUTE_TABLE_NONE};
    if (out->table && question->change == URL_PATH_REFUSED) {
        out->status = 400;
        return;
    }
    question->question.scratch = pattern_scratch_new();
    if (out->table)
        out->winner = route_table_find(out->table, &question->question);
    if (out->winner != ROUTE_TABLE_NONE)
        take_winner(out, pool, https, question);
    else
        take_default(out, pool, https, question);
    pattern_scratch_free(question->question.scratch);
    question->question.scratch = NULL;
}

void url_verdict_fini(struct url_verdict *verdict)
{
    text_fini(&verdict->sent);
    text_fini(&verdict->location);
}
