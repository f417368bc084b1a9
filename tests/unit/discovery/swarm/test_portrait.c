/* A task as a container: what it says, where it is, how it lives. */
#include "discovery/swarm/portrait.h"

#include "tests/unit/discovery/swarm/capture.h"

static struct swarm_services services;
static struct swarm_nodes nodes;
static json_t *task;

static int open_all(void **state)
{
    (void)state;
    services = (struct swarm_services){0};
    nodes = (struct swarm_nodes){0};
    capture_services(&services);
    capture_nodes(&nodes);
    task = capture_task(CAPTURE_RUNNING);
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    json_decref(task);
    swarm_services_fini(&services);
    swarm_nodes_fini(&nodes);
    return 0;
}

static struct container *make(const struct swarm_image *image, bool is_here)
{
    struct container *container =
        portrait_make(&(struct portrait_sitter){.task = task,
                                                .service = &services.list[0],
                                                .node = &nodes.list[0],
                                                .image = image,
                                                .is_here = is_here},
                      NULL);
    assert_non_null(container);
    return container;
}

static void test_one_that_runs(void **state)
{
    (void)state;
    struct container *container = make(NULL, true);
    assert_string_equal(container->id.text,
                        "619fbb5ba6969b426dd1d706e3f279fb3d75a5e30be3744e6582420cb96c9434");
    assert_string_equal(container->name, "shop.2.nxf6waxn6lpw0rxy5z1mhrlfp");
    assert_true(container->running && container->is_task && !container->is_remote);
    assert_int_equal(container->health, CONTAINER_HEALTH_NONE);
    assert_true(container->created_ns > 0);
    assert_int_equal(container->network_count, 1);
    assert_string_equal(container->networks[0].name, "web");
    assert_string_equal(container->networks[0].id.text, "qj5padi4gytdkk1mgh7k4464r");
    assert_string_equal(container->networks[0].ip, "10.0.1.2");
    container_free(container);
}

/* SERVICE_NAME is in its environment; lb.host is the service's label, lb.weight the container's. */
static void test_what_service_and_container_say(void **state)
{
    (void)state;
    struct container *container = make(NULL, true);
    const struct offer *offer = &container->offers.items[0];
    assert_string_equal(offer->service, "shoppe");
    assert_int_equal(offer->options->weight, 2);
    assert_int_equal(offer->port, 8080); /* that the service publishes */
    assert_int_equal(container->offers.route_count, 1);
    container_free(container);
    json_object_set_new(services.list[0].labels, "lb.weight", json_string("7"));
    json_object_set_new(services.list[0].labels, "lb.service", json_string("named"));
    container = make(NULL, true);
    assert_int_equal(container->offers.items[0].options->weight, 2); /* the container's wins */
    assert_string_equal(container->offers.items[0].service, "named");
    container_free(container);
}

static void test_without_a_name_it_is_the_service_s(void **state)
{
    (void)state;
    capture_set(task, "Spec.ContainerSpec.Env", "[]");
    json_object_clear(services.list[0].labels);
    struct container *container = make(NULL, true);
    assert_string_equal(container->offers.items[0].service, "shop");
    assert_string_equal(container->offers.items[0].service_from, "the name of its swarm service");
    container_free(container);
}

static void test_ports_of_the_image(void **state)
{
    (void)state;
    struct swarm_images images = {.owner = NULL};
    json_t *answer = capture_load("image");
    swarm_images_find(&images, "appserver:test");
    json_decref(services.list[0].ports);
    services.list[0].ports = NULL;
    struct container *container = make(images.list[0], true);
    assert_int_equal(container->offers.fault, LEFT_OUT_NO_PORT);
    assert_string_equal(
        container->offers.fault_detail,
        "neither lb.port nor SERVICE_PORT names a TCP port, its service publishes none, and which "
        "ones its image appserver:test exposes is not known here, as this node does not have it");
    container_free(container);
    capture_set(answer, "Config.Labels", "{\"lb.weight\":\"9\",\"lb.host\":\"image.test\"}");
    capture_set(answer, "Config.Env", "[\"SERVICE_NAME=of-the-image\"]");
    swarm_images_take(images.list[0], answer);
    container = make(images.list[0], true);
    assert_int_equal(container->offers.fault, LEFT_OUT_REASON_COUNT);
    assert_int_equal(container->offers.items[0].port, 8484);
    assert_string_equal(container->offers.items[0].service, "shoppe");
    assert_int_equal(container->offers.items[0].options->weight, 2);
    assert_true(view_eq(container->offers.routes[0].host.text, VIEW("shop.test")));
    container_free(container);
    json_decref(answer);
    swarm_images_fini(&images);
}

static void test_ports_published_on_its_node(void **state)
{
    (void)state;
    struct container *container = make(NULL, false);
    assert_true(container->is_remote);
    assert_int_equal(container->binding_count, 1);
    assert_int_equal(container->bindings[0].port, 8080);
    assert_int_equal(container->bindings[0].host_port, 18080);
    assert_string_equal(container->bindings[0].host_ip, "192.0.2.1");
    container_free(container);
    container = make(NULL, true); /* of this very host: as of any container here */
    assert_string_equal(container->bindings[0].host_ip, "0.0.0.0");
    container_free(container);
    capture_set(task, "Status.PortStatus.Ports",
                "[{\"TargetPort\":8080,\"PublishedPort\":80,\"PublishMode\":\"ingress\"},"
                "{\"TargetPort\":99999,\"PublishedPort\":80,\"PublishMode\":\"host\"},"
                "{\"TargetPort\":80,\"PublishedPort\":-1,\"PublishMode\":\"host\"},7]");
    container = make(NULL, false);
    assert_int_equal(container->binding_count, 0);
    container_free(container);
}

static void test_on_the_network_of_its_host(void **state)
{
    (void)state;
    capture_set(task, "NetworksAttachments",
                "[{\"Network\":{\"ID\":\"h\",\"Spec\":{\"Name\":\"host\"}},\"Addresses\":[]}]");
    struct container *container = make(NULL, true);
    assert_true(container->is_host_network);
    container_free(container);
    capture_set(task, "Status.PortStatus", "{}");
    container = make(NULL, false);
    assert_false(container->is_host_network); /* not the one that lb could be on */
    assert_int_equal(container->binding_count, 1);
    assert_string_equal(container->bindings[0].host_ip, "192.0.2.1");
    assert_int_equal(container->bindings[0].host_port, 8080);
    container_free(container);
}

static void test_one_that_does_not_run(void **state)
{
    (void)state;
    json_decref(task);
    task = capture_task(CAPTURE_PENDING);
    struct container *container = make(NULL, true);
    assert_string_equal(container->id.text, "cji1wap9vtzq065ylbqj56sin"); /* the task's */
    assert_false(container->running);
    assert_string_equal(container->status, "pending");
    assert_string_equal(container->error,
                        "no suitable node (host-mode port already in use on 1 node)");
    container_free(container);
}

/* Its HEALTHCHECK has not passed yet. */
static void test_one_that_starts(void **state)
{
    (void)state;
    capture_set(task, "Status.State", "\"starting\"");
    struct container *container = make(NULL, true);
    assert_true(container->running);
    assert_int_equal(container->health, CONTAINER_HEALTH_STARTING);
    container_free(container);
    capture_set(task, "Status.State", "\"preparing\"");
    container = make(NULL, true);
    assert_false(container->running);
    container_free(container);
}

static void test_on_a_node_that_is_down(void **state)
{
    (void)state;
    nodes.list[0].is_down = true;
    struct container *container = make(NULL, false);
    assert_int_equal(container->health, CONTAINER_HEALTH_UNHEALTHY);
    assert_string_equal(container->health_output, "its node vm is down");
    container_free(container);
}

static void test_of_a_global_service(void **state)
{
    (void)state;
    json_object_del(task, "Slot");
    struct container *container = make(NULL, true);
    assert_string_equal(container->name,
                        "shop.ki9l5smbp1rzrumyonayvj4yi.nxf6waxn6lpw0rxy5z1mhrlfp");
    container_free(container);
}

/* As in a file of Compose. */
static void test_networks_of_a_stack(void **state)
{
    (void)state;
    json_object_set_new(services.list[0].labels, "com.docker.stack.namespace", json_string("demo"));
    json_object_set_new(services.list[0].labels, "lb.network", json_string("web"));
    capture_set(task, "NetworksAttachments",
                "[{\"Network\":{\"ID\":\"h\",\"Spec\":{\"Name\":\"demo_web\"}},"
                "\"Addresses\":[\"fd00::2/64\",\"10.0.1.2/24\"]}]");
    struct container *container = make(NULL, true);
    assert_string_equal(container->offers.items[0].options->network, "demo_web");
    assert_string_equal(container->networks[0].ip, "10.0.1.2");
    container_free(container);
}

/* Whatever is of another type than it should be, says nothing. */
static void test_strange_tasks(void **state)
{
    (void)state;
    static const char *const paths[] = {"Spec",
                                        "Status",
                                        "NetworksAttachments",
                                        "Spec.ContainerSpec",
                                        "Spec.ContainerSpec.Labels",
                                        "Spec.ContainerSpec.Env",
                                        "Status.ContainerStatus",
                                        "Status.PortStatus",
                                        "Slot",
                                        "NodeID",
                                        "CreatedAt",
                                        "Status.State"};
    static const char *const values[] = {"null", "7", "\"x\"", "[]", "[7]", "{}", "[{}]"};
    for (size_t i = 0; i < sizeof(paths) / sizeof(paths[0]); i++)
        for (size_t k = 0; k < sizeof(values) / sizeof(values[0]); k++) {
            json_decref(task);
            task = capture_task(CAPTURE_RUNNING);
            capture_set(task, paths[i], values[k]);
            container_free(make(NULL, k % 2 == 0));
        }
    capture_set(task, "ID", "\"../x\"");
    struct engine_id id;
    assert_false(portrait_id(task, &id));
    assert_null(
        portrait_make(&(struct portrait_sitter){.task = task, .service = &services.list[0]}, NULL));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_all, close_all)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_one_that_runs),
        TEST(test_what_service_and_container_say),
        TEST(test_without_a_name_it_is_the_service_s),
        TEST(test_ports_of_the_image),
        TEST(test_ports_published_on_its_node),
        TEST(test_on_the_network_of_its_host),
        TEST(test_one_that_does_not_run),
        TEST(test_one_that_starts),
        TEST(test_on_a_node_that_is_down),
        TEST(test_of_a_global_service),
        TEST(test_networks_of_a_stack),
        TEST(test_strange_tasks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
