// Slurm: a sweep as a job array of a cluster.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace gossamer {

/// Runs `command` as `tasks` tasks of one job array, by sbatch, and returns when all have ended: what they
/// said, if anything, is in `folder`/slurm-JOB_TASK.txt. How the tasks fared, their work tells. Further
/// options of sbatch come from its environment (SBATCH_PARTITION, SBATCH_TIMELIMIT, ...). Throws BadInput
/// where there is no sbatch, and std::runtime_error where it refuses the job; it says why itself.
void run_job_array(const std::vector<std::string>& command, int tasks, const std::string& name,
                   const std::filesystem::path& folder);

}  // namespace gossamer
