#include "lb/crew/crew_load.h"

static void add_worker(struct crew_load *load, struct worker *worker, unsigned index)
{
    load->client_count += counter_get(&worker->env.metrics.client_open_count);
    load->buffer_bytes += counter_get(&worker->load.buffer_bytes);
    if (index < CREW_LOAD_WORKER_MAX)
        load->cpu_ns[index] = counter_get(&worker->load.cpu_ns);
    atomic_store_explicit(&worker->load.is_asked, true, memory_order_relaxed);
    worker_call(worker);
}

void crew_load_ask(struct crew *crew, struct crew_load *load)
{
    const struct settings *settings = crew->settings;
    *load = (struct crew_load){.worker_count = crew->worker_count};
    for (unsigned i = 0; i < crew->worker_count; i++)
        add_worker(load, crew->workers[i], i);
    if (!settings)
        return;
    load->client_max = (uint64_t)settings->options.front.max_client_count * crew->worker_count;
    load->buffer_max_bytes = settings->options.exchange.max_buffer_bytes * crew->worker_count;
}
