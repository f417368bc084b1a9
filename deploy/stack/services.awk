# From what `compose config` prints (v2, and docker-compose 1.29): a line "service|profile|image|memory|needs,…|job" for each service.
# A job ends by itself (restart: on-failure); what has no profile is of the part "core".

function flush() {
    if (name != "") print name "|" (profile == "" ? "core" : profile) "|" image "|" memory "|" needs "|" job
    name = ""
}

/^[a-z]/ { flush(); inside = ($1 == "services:"); next }
!inside { next }
/^  [^ ]/ { flush(); name = $1; sub(/:$/, "", name); profile = image = memory = needs = ""; job = "no"; list = ""; next }
/^    [a-z]/ { list = $1 }
/^    image: / { image = $2 }
/^    mem_limit: / { memory = $2; gsub(/["']/, "", memory); sub(/b$/, "", memory) }
/^    restart: on-failure/ { job = "yes" }
/^ +- / && list == "profiles:" { profile = $2 }
/^      [^ -]/ && list == "depends_on:" { need = $1; sub(/:$/, "", need); needs = needs (needs == "" ? "" : ",") need }
/^ +- / && list == "depends_on:" { needs = needs (needs == "" ? "" : ",") $2 }
END { flush() }
