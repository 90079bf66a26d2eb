// A client of yesterday: the sandbox and container verbs by runtime.v1alpha2 of cri-api 0.25.
// Usage: alpha-client SOCKET IMAGE LOGDIR ; prints one line a verb, ends with 1 at the first failure.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	cri "k8s.io/cri-api/pkg/apis/runtime/v1alpha2"
)

func must(what string, err error) {
	if err != nil {
		fmt.Printf("FAILED %s: %v\n", what, err)
		os.Exit(1)
	}
	fmt.Println("ok", what)
}

func main() {
	socket, image, logs := os.Args[1], os.Args[2], os.Args[3]
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	conn, err := grpc.DialContext(ctx, "unix://"+socket, grpc.WithTransportCredentials(insecure.NewCredentials()), grpc.WithBlock())
	must("dial", err)
	rt := cri.NewRuntimeServiceClient(conn)
	version, err := rt.Version(ctx, &cri.VersionRequest{})
	must("Version", err)
	if version.RuntimeName != "docker" {
		must("Version.runtime_name", fmt.Errorf("is %q", version.RuntimeName))
	}
	_, err = rt.Status(ctx, &cri.StatusRequest{})
	must("Status", err)
	config := &cri.PodSandboxConfig{
		Metadata:     &cri.PodSandboxMetadata{Name: "alpha", Uid: "alpha-uid", Namespace: "default", Attempt: 0},
		Hostname:     "alpha",
		LogDirectory: logs,
		Labels:       map[string]string{"from": "alpha"},
		Annotations:  map[string]string{"note": "of yesterday"},
		Linux:        &cri.LinuxPodSandboxConfig{SecurityContext: &cri.LinuxSandboxSecurityContext{}},
	}
	sandbox, err := rt.RunPodSandbox(ctx, &cri.RunPodSandboxRequest{Config: config})
	must("RunPodSandbox", err)
	id := sandbox.PodSandboxId
	status, err := rt.PodSandboxStatus(ctx, &cri.PodSandboxStatusRequest{PodSandboxId: id})
	must("PodSandboxStatus", err)
	if status.Status.State != cri.PodSandboxState_SANDBOX_READY || status.Status.Annotations["note"] != "of yesterday" {
		must("PodSandboxStatus.state", fmt.Errorf("is %v", status.Status))
	}
	list, err := rt.ListPodSandbox(ctx, &cri.ListPodSandboxRequest{Filter: &cri.PodSandboxFilter{LabelSelector: map[string]string{"from": "alpha"}}})
	must("ListPodSandbox", err)
	if len(list.Items) != 1 || list.Items[0].Id != id {
		must("ListPodSandbox.items", fmt.Errorf("are %v", list.Items))
	}
	container, err := rt.CreateContainer(ctx, &cri.CreateContainerRequest{
		PodSandboxId:  id,
		SandboxConfig: config,
		Config: &cri.ContainerConfig{
			Metadata: &cri.ContainerMetadata{Name: "c"},
			Image:    &cri.ImageSpec{Image: image},
			Command:  []string{"/bin/sleep", "1000"},
			LogPath:  "c.log",
			Linux: &cri.LinuxContainerConfig{
				Resources:       &cri.LinuxContainerResources{CpuShares: 128},
				SecurityContext: &cri.LinuxContainerSecurityContext{SeccompProfilePath: "unconfined"},
			},
		},
	})
	must("CreateContainer", err)
	cid := container.ContainerId
	_, err = rt.StartContainer(ctx, &cri.StartContainerRequest{ContainerId: cid})
	must("StartContainer", err)
	cs, err := rt.ContainerStatus(ctx, &cri.ContainerStatusRequest{ContainerId: cid})
	must("ContainerStatus", err)
	if cs.Status.State != cri.ContainerState_CONTAINER_RUNNING {
		must("ContainerStatus.state", fmt.Errorf("is %v", cs.Status.State))
	}
	exec, err := rt.ExecSync(ctx, &cri.ExecSyncRequest{ContainerId: cid, Cmd: []string{"/bin/echo", "from yesterday"}, Timeout: 10})
	must("ExecSync", err)
	if string(exec.Stdout) != "from yesterday\n" {
		must("ExecSync.stdout", fmt.Errorf("is %q", exec.Stdout))
	}
	containers, err := rt.ListContainers(ctx, &cri.ListContainersRequest{Filter: &cri.ContainerFilter{PodSandboxId: id}})
	must("ListContainers", err)
	if len(containers.Containers) != 1 {
		must("ListContainers.containers", fmt.Errorf("are %v", containers.Containers))
	}
	_, err = rt.UpdateContainerResources(ctx, &cri.UpdateContainerResourcesRequest{ContainerId: cid, Linux: &cri.LinuxContainerResources{CpuShares: 256}})
	must("UpdateContainerResources", err)
	_, err = rt.StopContainer(ctx, &cri.StopContainerRequest{ContainerId: cid, Timeout: 0})
	must("StopContainer", err)
	_, err = rt.RemoveContainer(ctx, &cri.RemoveContainerRequest{ContainerId: cid})
	must("RemoveContainer", err)
	_, err = rt.StopPodSandbox(ctx, &cri.StopPodSandboxRequest{PodSandboxId: id})
	must("StopPodSandbox", err)
	_, err = rt.RemovePodSandbox(ctx, &cri.RemovePodSandboxRequest{PodSandboxId: id})
	must("RemovePodSandbox", err)
}
