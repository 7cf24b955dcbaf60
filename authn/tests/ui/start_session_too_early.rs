use skeleton_authn::AwaitingPassword;
use skeleton_authn::Challenge;
use skeleton_tokens::ClientId;

async fn too_early(challenge: Challenge<AwaitingPassword>, client: ClientId) {
    let _ = challenge.start_session(client).await;
}

fn main() {}
