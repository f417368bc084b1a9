# lb on every client of a Nomad cluster. It follows the catalog of the Consul agent of its own node: what Nomad starts is registered there by
# Nomad (appserver.nomad.hcl), so lb needs neither Docker's socket nor Nomad's API.
#
#   nomad job run deploy/nomad/lb.nomad.hcl
#   nomad job run -var prefer=local -var image=registry.example.com/lb:1 deploy/nomad/lb.nomad.hcl

variable "image" {
  type        = string
  default     = "lb"
  description = "The image of lb: every client must have it or be able to pull it."
}

variable "datacenters" {
  type    = list(string)
  default = ["dc1"]
}

variable "prefer" {
  type        = string
  default     = "none"
  description = "local: the servers of the own node come first."
}

job "lb" {
  datacenters = var.datacenters
  type        = "system"
  priority    = 80

  # One node after the other, and no further when one does not come up.
  update {
    max_parallel      = 1
    health_check      = "checks"
    min_healthy_time  = "10s"
    healthy_deadline  = "2m"
    progress_deadline = "10m"
    auto_revert       = true
  }

  group "lb" {
    # Static ports: wherever a client comes to, there is an lb.
    network {
      mode = "host"

      port "http" {
        static = 80
      }

      # Of the node alone: lb ctl and lb explain by `nomad alloc exec`, Consul's check, Prometheus.
      port "admin" {
        static       = 8001
        host_network = "default"
      }
    }

    restart {
      attempts = 3
      interval = "5m"
      delay    = "5s"
      mode     = "delay"
    }

    # lb is taken out of the catalog first. Who asks Consul for it does so no more, and then it ends.
    shutdown_delay = "5s"

    # The catalog has lb under the name that it had beside haproxy. lb does not register itself here (no --register): Nomad does.
    service {
      name     = "proxy"
      port     = "http"
      provider = "consul"
      tags     = ["lb", "http"]

      check {
        name     = "ready"
        type     = "http"
        port     = "admin"
        path     = "/readyz"
        interval = "5s"
        timeout  = "2s"

        check_restart {
          limit = 6
          grace = "30s"
        }
      }
    }

    task "lb" {
      driver       = "docker"
      kill_signal  = "SIGTERM"
      kill_timeout = "30s"

      config {
        image        = var.image
        network_mode = "host"
        ports        = ["http", "admin"]
        # A container on the host's network may not have port 80 without this capability.
        cap_drop        = ["ALL"]
        cap_add         = ["NET_BIND_SERVICE"]
        security_opt    = ["no-new-privileges"]
        readonly_rootfs = true

        args = [
          "--listen", "0.0.0.0:${NOMAD_PORT_http}",
          "--admin", "127.0.0.1:${NOMAD_PORT_admin}",
          "--consul",
          "--prefer", "${var.prefer}",
          "--default-route", "appserver",
          "--shutdown-delay", "5s",
        ]

        # Docker's own check of the image would restart nothing here, and costs a process each time.
        healthchecks {
          disable = true
        }

        logging {
          type = "json-file"

          config {
            max-size = "20m"
            max-file = "3"
          }
        }
      }

      # The agent of the own node: the catalog comes from there, also while Nomad's servers are away.
      env {
        CONSUL_HTTP_ADDR = "http://127.0.0.1:8500"
        LB_LISTEN_ALSO   = ""
      }

      resources {
        cpu    = 500
        memory = 128
      }
    }
  }
}
