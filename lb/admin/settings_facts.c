#include "lb/admin/settings_facts.h"

#include "lb/base/clock.h"

void settings_facts_note_taken(struct settings_facts *facts)
{
    *facts = (struct settings_facts){.taken_ns = clock_wall_ns()};
}

void settings_facts_note_refused(struct settings_facts *facts)
{
    facts->is_refused = true;
}

void settings_facts_write_metrics(const struct settings_facts *facts,
                                  struct prometheus_text *writer)
{
    prometheus_text_family(writer, "lb_config_last_reload_successful", "gauge",
                           "Whether the settings that were read last are in force.");
    prometheus_text_uint(writer, NULL, !facts->is_refused);
    prometheus_text_family(writer, "lb_config_last_reload_success_timestamp_seconds", "gauge",
                           "When the settings in force were read.");
    prometheus_text_seconds(writer, NULL, facts->taken_ns);
}
