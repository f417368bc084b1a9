/* What is known of the processes of lb, over all of them: crashes, upgrades, and what became of the last try. Thread: control. */
#ifndef LB_ADMIN_PROCESS_FACTS_H
#define LB_ADMIN_PROCESS_FACTS_H

#include <stdbool.h>

#include "lb/admin/report_facts.h"
#include "lb/base/json_writer.h"
#include "lb/contract/channel.h"
#include "lb/observe/prometheus_text.h"

#define PROCESS_FACTS_JAIL_BYTES 128

/* So long a process must live to be no part of a crash loop any more. */
#define PROCESS_FACTS_CALM_NS (UINT64_C(60) * 1000000000)

struct process_facts {
    struct channel_history history; /* as WELCOME had it, and what was told since */
    uint64_t started_ns;            /* wall clock; 0: process_facts_begin was not called */
    int pid;
    char jail[PROCESS_FACTS_JAIL_BYTES]; /* in words */
    char
        failure[CHANNEL_TEXT_BYTES]; /* why the last upgrade or renewal failed; empty: it did not */
    bool is_upgrade_failure;
    uint64_t failure_ns; /* wall clock */
    unsigned failure_count;
    unsigned upgrade_timeout_ms;
    struct report_facts report;
    void (*upgrade)(void *owner); /* asks for an upgrade; NULL: nobody can be asked */
    void *owner;
};

/* Copies the history, which may have any bytes; `jail` too. */
void process_facts_begin(struct process_facts *facts, const struct channel_history *history,
                         const char *jail);

/* The master told what became of an upgrade or a renewal. */
void process_facts_note_news(struct process_facts *facts, enum channel_news news, const char *why);

/* Whether lb-proxy crashes again and again, as far as this one can know. */
bool process_facts_is_looping(const struct process_facts *facts, uint64_t now_ns);

/* Appends the sentence of /readyz about that. */
void process_facts_append_loop(const struct process_facts *facts, struct text *out);

/* An object, and families of /metrics. */
void process_facts_write(const struct process_facts *facts, struct json_writer *json);
void process_facts_write_metrics(const struct process_facts *facts, struct prometheus_text *writer);

#endif
