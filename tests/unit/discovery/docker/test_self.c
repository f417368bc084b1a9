#include "discovery/docker/self.h"

#include "tests/unit/discovery/fixture.h"

#define ID_A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define ID_B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define MOUNT(id, file)                                                                            \
    "512 511 8:1 /var/lib/docker/containers/" id "/" file " /etc/" file " rw - ext4 /dev/sda1 "    \
    "rw\n"

#define CGROUP(root) "36 35 0:29 " root " /sys/fs/cgroup/cpu ro - cgroup cgroup rw,cpu\n"

static void test_table(void **state)
{
    static const struct {
        const char *mountinfo, *cgroup, *hostname, *guesses;
    } cases[] = {
        {MOUNT(ID_A, "hostname"), "", "web1", ID_A "* "},
        {"1 2 / x\n" MOUNT(ID_A, "resolv.conf") MOUNT(ID_B, "hosts"), "", "x", ID_A "* "},
        /* what the host itself sees of its containers is not it */
        {MOUNT(ID_A, "mounts/shm"), "0::/\n", "vm", ""},
        {MOUNT(ID_A, "hostnames"), "", "vm", ""},
        {"1 2 3 /containers/short/hostname x\n", "", "vm", ""},
        {"1 2 3 /containers/", "", "vm", ""},
        {"/containers/x/containers/" ID_B "/hosts /etc/hosts\n", "", "vm", ID_B "* "},
        {"", "12:cpu:/docker/" ID_B "\n0::/\n", "vm", ID_B " "},
        {"", "0::/system.slice/docker-" ID_B ".scope\n", "vm", ID_B " "},
        {"", "1:x:/docker/" ID_B "c\n", "vm", ""}, /* 65 digits */
        {"", "", "aaaaaaaaaaaa", "aaaaaaaaaaaa* "},
        {"", "", ID_A, ID_A "* "},
        {"", "", "aaaaaaaaaaaaa", ""},
        /* its cgroup is its own; files and name may be lent together with a network */
        {MOUNT(ID_A, "hosts"), "1:x:/docker/" ID_B "\n", "cccccccccccc",
         ID_B " " ID_A "* cccccccccccc* "},
        {CGROUP("/docker/" ID_B) MOUNT(ID_A, "hosts"), "0::/\n", "x", ID_B " " ID_A "* "},
        {CGROUP("/"), "0::/\n", "x", ""},
        /* in a container in a container the inner one is it */
        {"", "1:x:/docker/" ID_A "/docker/" ID_B "\n", "x", ID_B " "},
        /* Podman */
        {"1 2 0:3 /libpod/overlay-containers/" ID_A "/userdata/hosts /etc/hosts rw - tmpfs\n",
         "0::/\n", "x", ID_A "* "},
        {"", "0::/machine.slice/libpod-" ID_B ".scope/container\n", "x", ID_B " "},
        {MOUNT(ID_A, "hosts"), "1:x:/docker/" ID_A "\n", "aaaaaaaaaaaa", ID_A " "},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct self self;
        char got[256] = "";
        self_guess(view_str(cases[i].mountinfo), view_str(cases[i].cgroup), cases[i].hostname,
                   &self);
        for (size_t k = 0; k < self.count; k++)
            snprintf(got + strlen(got), sizeof(got) - strlen(got), "%s%s ", self.guesses[k].id.text,
                     self.guesses[k].is_by_network ? "*" : "");
        assert_string_equal(got, cases[i].guesses);
    }
}

static void test_the_layer_of_the_root(void **state)
{
    static const struct {
        const char *mountinfo, *upper;
    } cases[] = {
        {"523 496 0:51 / / rw - overlay overlay "
         "rw,lowerdir=/d/l/A:/d/l/B,upperdir=/d/overlay2/0123/diff,workdir=/d/overlay2/0123/work\n",
         "/d/overlay2/0123/diff"},
        {"523 496 0:51 / / rw - overlay overlay rw,upperdir=0123/diff\n", "0123/diff"},
        /* of another mount, as an engine's host sees it */
        {"523 496 0:51 / /d/merged rw - overlay overlay rw,upperdir=/d/overlay2/0123/diff\n", ""},
        {"523 496 8:1 / / rw - ext4 /dev/sda1 rw\n", ""},
        {"", ""},
    };
    struct self self;
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        self_guess(view_str(cases[i].mountinfo), VIEW(""), "x", &self);
        assert_string_equal(self.upper, cases[i].upper);
    }
    assert_true(self_is_same_layer("/d/overlay2/0123/diff", "/other/overlay2/0123/diff"));
    assert_true(self_is_same_layer("0123/diff", "/other/overlay2/0123/diff"));
    assert_false(self_is_same_layer("/d/overlay2/0123/diff", "/d/overlay2/0124/diff"));
    assert_false(self_is_same_layer("", ""));
    assert_false(self_is_same_layer("/d/0123/diff", ""));
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_table),
                                       cmocka_unit_test(test_the_layer_of_the_root)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
