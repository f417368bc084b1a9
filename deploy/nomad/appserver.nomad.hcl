# The servers behind lb.nomad.hcl. Nomad registers each in Consul with the port that it was given, and lb sends requests to it as soon as its
# check passes. A new version comes as one canary first, which has a name of its own until it is promoted:
#
#   nomad job run deploy/nomad/appserver.nomad.hcl
#   nomad job run -var image=appserver:2 deploy/nomad/appserver.nomad.hcl
#   curl -H 'Host: canary.appserver.localhost' http://localhost/     # only the canary
#   nomad job promote appserver                                      # then the others follow, one after the other

variable "image" {
  type    = string
  default = "appserver:1"
}

variable "datacenters" {
  type    = list(string)
  default = ["dc1"]
}

variable "servers" {
  type        = number
  default     = 3
  description = "How many."
}

job "appserver" {
  datacenters = var.datacenters
  type        = "service"

  update {
    max_parallel      = 1
    canary            = 1
    auto_promote      = false
    auto_revert       = true
    health_check      = "checks"
    min_healthy_time  = "10s"
    healthy_deadline  = "2m"
    progress_deadline = "10m"
  }

  # A node that is drained (nomad node drain) gives its servers away one after the other.
  migrate {
    max_parallel     = 1
    health_check     = "checks"
    min_healthy_time = "10s"
    healthy_deadline = "2m"
  }

  group "appserver" {
    count = var.servers

    # Not all of them on one node.
    spread {
      attribute = "${node.unique.id}"
    }

    # A port of the node, any, leads to 8484 in the container.
    network {
      port "http" {
        to = 8484
      }
    }

    # Taken out of the catalog first, ended 5 s later: until then every lb has heard of it, and nothing new comes.
    shutdown_delay = "5s"

    service {
      name     = "appserver"
      port     = "http"
      provider = "consul"
      task     = "appserver"
      tags     = ["http"]

      # Instead of tags while it is a canary: a service of its own, and a name to try it by.
      canary_tags = ["http", "lb.service=appserver-canary", "lb.host=canary.appserver.localhost"]

      check {
        name     = "answers"
        type     = "http"
        path     = "/healthz"
        interval = "5s"
        timeout  = "2s"

        # Three failures in a row, and it is started anew; lb sends nothing from the first one on.
        check_restart {
          limit = 3
          grace = "30s"
        }
      }
    }

    task "appserver" {
      driver = "docker"

      kill_signal  = "SIGTERM"
      kill_timeout = "20s"

      config {
        image           = var.image
        ports           = ["http"]
        cap_drop        = ["all"]
        security_opt    = ["no-new-privileges"]
        readonly_rootfs = true

        healthchecks {
          disable = true
        }
      }

      resources {
        cpu    = 100
        memory = 64
      }
    }
  }
}
