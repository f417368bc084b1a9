/* The rules of TCP and UDP listeners, compiled: immutable, counted. Which of the table's services a connection
 * goes to is found by its listener, and where that has names by what its ClientHello says. Thread: any. */
#ifndef LB_ROUTE_LISTENER_TABLE_H
#define LB_ROUTE_LISTENER_TABLE_H

#include "lb/route/listener_entry.h"

struct listener_table;

/* A service that some rule leads to, by number. */
struct listener_table_service {
    struct view name; /* the table's */
    enum service_kind kind;
};

/* Of rules that are settled: all have `at`, a service, and no two are alike. Copies them. Gives one
 * reference. Thread: control. */
struct listener_table *listener_table_new(const struct listener_rule *rules, unsigned count);

struct listener_table *listener_table_ref(struct listener_table *table);

/* The last one frees it. NULL is allowed. */
void listener_table_unref(struct listener_table *table);

/* NULL: nothing leads anywhere from there. Borrowed from the table. */
const struct listener_entry *listener_table_find(const struct listener_table *table,
                                                 enum service_kind kind, const struct address *at);

unsigned listener_table_service_count(const struct listener_table *table);
const struct listener_table_service *listener_table_service(const struct listener_table *table,
                                                            uint32_t number);

/* LISTENER_TABLE_NONE: no rule leads to the service of that name and kind. */
uint32_t listener_table_service_find(const struct listener_table *table, struct view name,
                                     enum service_kind kind);

/* In which order two rules stand in a table: by listener, then as they are looked at. 0: they are alike.
 * Server names are in lower case. */
int listener_table_compare(const struct listener_rule *a, const struct listener_rule *b);

/* Whether both have the same rules, from the same containers. NULL is one without any. */
bool listener_table_is_same(const struct listener_table *a, const struct listener_table *b);

/* All rules, for people: sorted by listener, then as they are looked at. */
unsigned listener_table_rule_count(const struct listener_table *table);
const struct listener_rule *listener_table_rule(const struct listener_table *table, unsigned index);

#endif
